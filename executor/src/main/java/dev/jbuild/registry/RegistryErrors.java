package dev.jbuild.registry;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.json.OciFormatException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/** Says what a registry did wrong: request, registry's own words, what to do. */
final class RegistryErrors {
  private static final int BODY_LIMIT = 64 * 1024;
  private static final int TEXT_LIMIT = 300;

  private RegistryErrors() {}

  /** The failure for a status that is not a success; reads the body. */
  static BuildException status(Answer answer, String login) {
    String where = answer.method() + " " + Answer.redact(answer.url());
    String words = words(answer);
    String what = where + ": " + answer.status() + (words.isEmpty() ? "" : " " + words);
    boolean pushes = answer.method().equals("POST") || answer.method().equals("PUT");
    return switch (answer.status()) {
      case 401 ->
          new BuildException(
              Code.UNAUTHENTICATED,
              what
                  + "; '"
                  + login
                  + "' refused the credentials or wants some: log in with 'docker login "
                  + login
                  + "', or check the name, as registries hide what does not exist");
      case 403 ->
          new BuildException(
              Code.UNAUTHENTICATED,
              what
                  + "; this user may not "
                  + (pushes ? "push" : "read")
                  + " it: ask for the right at '"
                  + login
                  + "'");
      case 404 ->
          new BuildException(
              Code.NOT_FOUND,
              pushes
                  ? what + "; no such repository: check its name, or create it at the registry"
                  : what + "; no such image or blob: check its name, tag and digest");
      case 413 ->
          new BuildException(
              Code.RESOURCE_EXHAUSTED,
              what + "; too large for '" + login + "': raise the limit there or of its proxy");
      case 429 ->
          new BuildException(
              Code.UNAVAILABLE,
              what + "; '" + login + "' limits requests: wait, log in, or configure a mirror");
      default ->
          answer.status() >= 500
              ? new BuildException(
                  Code.UNAVAILABLE, what + "; the registry is in trouble: try again later")
              : new BuildException(
                  Code.UNAVAILABLE, what + "; want a success: is this host a registry?");
    };
  }

  /** The failure for a connection that did not come about or broke. */
  static BuildException connection(String method, URI url, IOException failure) {
    String where = method + " " + Answer.redact(url);
    String host = url.getAuthority();
    if (Retries.isUnknownHost(failure)) {
      return new BuildException(
          Code.UNAVAILABLE,
          where + ": unknown host '" + host + "': check the name and the machine's DNS",
          failure);
    }
    if (failure instanceof ConnectException) {
      return new BuildException(
          Code.UNAVAILABLE,
          where
              + ": nothing accepts connections at '"
              + host
              + "': check that the registry runs"
              + " and the port is right",
          failure);
    }
    if (failure instanceof HttpTimeoutException) {
      return new BuildException(
          Code.UNAVAILABLE, where + ": '" + host + "' does not answer: try again later", failure);
    }
    if (failure instanceof SSLException) {
      return new BuildException(
          Code.UNAVAILABLE,
          where
              + ": no trusted TLS connection ("
              + clean(Retries.reason(failure))
              + "): configure"
              + " 'ca', 'http' or 'insecure' for '"
              + host
              + "'",
          failure);
    }
    return new BuildException(
        Code.UNAVAILABLE,
        where + ": connection broke (" + clean(Retries.reason(failure)) + "): try again",
        failure);
  }

  /** The registry's error code and message, or empty. */
  private static String words(Answer answer) {
    byte[] body;
    try {
      body = answer.read(BODY_LIMIT);
    } catch (IOException e) {
      return ""; // the status says enough
    }
    if (body.length == 0 || body.length > BODY_LIMIT) {
      return "";
    }
    try {
      Reply first = Reply.parse(body).member("errors").first();
      String code = first.member("code").text();
      String message = first.member("message").text();
      return clean(code + (code.isEmpty() || message.isEmpty() ? "" : ": ") + message);
    } catch (OciFormatException e) {
      boolean text = answer.contentType().equals("text/plain");
      return text ? clean(new String(body, StandardCharsets.UTF_8)) : "";
    }
  }

  /** A stranger's text made fit for a message: one line, no control characters, bounded. */
  static String clean(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= TEXT_LIMIT ? line : line.substring(0, TEXT_LIMIT) + "...";
  }
}
