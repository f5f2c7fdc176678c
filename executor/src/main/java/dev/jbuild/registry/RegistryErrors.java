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

  /**
   * The failure for a status that is not a success; reads the body.
   *
   * @param pushes whether it was on the way to write something
   */
  static BuildException status(Answer answer, String login, boolean pushes) {
    Words words = words(answer);
    String text = words.text();
    String what =
        answer.method()
            + " "
            + Answer.redact(answer.url())
            + ": "
            + answer.status()
            + (text.isEmpty() ? "" : " " + text);
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
      case 404 -> new BuildException(Code.NOT_FOUND, what + notFound(pushes, words.code()));
      case 413 ->
          new BuildException(
              Code.RESOURCE_EXHAUSTED,
              what + "; too large for '" + login + "': raise the limit there or of its proxy");
      case 429 ->
          new BuildException(
              Code.UNAVAILABLE,
              what
                  + "; '"
                  + login
                  + "' limits requests: wait"
                  + (pushes ? " or log in" : ", log in, or configure a mirror"));
      default -> other(answer.status(), what, words);
    };
  }

  private static String notFound(boolean pushes, String code) {
    if (!pushes) {
      return "; no such image or blob: check its name, tag and digest";
    }
    return code.isEmpty() || code.equals("NAME_UNKNOWN")
        ? "; no such repository: check its name, or create it at the registry"
        : ""; // not the repository, but something that the words name
  }

  private static BuildException other(int status, String what, Words words) {
    if (status >= 500) {
      return new BuildException(
          Code.UNAVAILABLE, what + "; the registry is in trouble: try again later");
    }
    return words.code().isEmpty()
        ? new BuildException(Code.UNAVAILABLE, what + "; want a success: is this host a registry?")
        : new BuildException(Code.FAILED, what); // only registries speak so: it is a refusal
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

  /**
   * What a registry says.
   *
   * @param code of the distribution-spec, or empty
   * @param text code, message and detail, as far as they are there
   */
  private record Words(String code, String text) {
    static final Words NONE = new Words("", "");
  }

  private static Words words(Answer answer) {
    byte[] body;
    try {
      body = answer.read(BODY_LIMIT);
    } catch (IOException e) {
      return Words.NONE; // the status says enough
    }
    if (body.length == 0 || body.length > BODY_LIMIT) {
      return Words.NONE;
    }
    try {
      Reply first = Reply.parse(body).member("errors").first();
      String code = first.member("code").text();
      String message = first.member("message").text();
      String detail = first.member("detail").text();
      return new Words(
          code,
          clean(
              code
                  + (code.isEmpty() || message.isEmpty() ? "" : ": ")
                  + message
                  + (detail.isEmpty() || detail.equals(message) ? "" : " (" + detail + ")")));
    } catch (OciFormatException e) {
      boolean text = answer.contentType().equals("text/plain");
      return text ? new Words("", clean(new String(body, StandardCharsets.UTF_8))) : Words.NONE;
    }
  }

  /** A stranger's text made fit for a message: one line, no control characters, bounded. */
  static String clean(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= TEXT_LIMIT ? line : line.substring(0, TEXT_LIMIT) + "...";
  }
}
