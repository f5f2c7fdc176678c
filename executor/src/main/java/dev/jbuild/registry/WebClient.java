package dev.jbuild.registry;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Reads documents of the web: follows redirects, tries again what may go better the second time.
 * Safe for use by several threads.
 */
public final class WebClient {
  private static final int MAX_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;
  private static final Tls PLATFORM = new Tls(true, null);
  private static final String AUTHORIZATION = "Authorization";

  private final Http http;
  private final Pause pause;

  public WebClient(Http http, Pause pause) {
    this.http = http;
    this.pause = pause;
  }

  /** Takes an answer. */
  public interface Reader<T> {
    /**
     * @param answer of status 200 or 304; closed by the client
     * @throws IOException when the connection breaks: the request is tried again
     */
    T read(Answer answer) throws IOException;
  }

  /**
   * Sends a GET.
   *
   * @param headers {@code Authorization} is not sent to another server that the first one names
   */
  public <T> T get(
      URI url, Map<String, String> headers, Reader<T> reader, TransferProgress progress)
      throws InterruptedException {
    var retries = new Retries(pause, progress);
    while (true) {
      try (Answer answer = redirected(url, headers)) {
        if (answer.status() == OK || answer.status() == NOT_MODIFIED) {
          return reader.read(answer);
        }
        if (!retries.again(answer)) {
          throw status(url, answer);
        }
      } catch (IOException e) {
        if (Thread.interrupted()) {
          var interrupted = new InterruptedException("cancelled while reading " + url.getHost());
          interrupted.initCause(e);
          throw interrupted;
        }
        if (!retries.again("GET " + Answer.redact(url), e)) {
          throw connection(url, e);
        }
      }
    }
  }

  private Answer redirected(URI first, Map<String, String> headers)
      throws IOException, InterruptedException {
    URI url = first;
    boolean sameServer = true;
    for (int redirects = 0; ; redirects++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(url).GET();
      boolean sendAll = sameServer;
      headers.forEach(
          (name, value) -> {
            if (sendAll || !name.equalsIgnoreCase(AUTHORIZATION)) {
              request.setHeader(name, value);
            }
          });
      Answer answer = http.send(request, PLATFORM);
      if (!REDIRECTS.contains(answer.status())) {
        return answer;
      }
      answer.close();
      if (redirects == MAX_REDIRECTS) {
        throw new BuildException(
            Code.UNAVAILABLE,
            Answer.redact(first) + ": redirected more than " + MAX_REDIRECTS + " times");
      }
      URI next = target(first, url, answer.header("location"));
      sameServer &=
          next.getScheme().equals(url.getScheme())
              && next.getAuthority().equals(url.getAuthority());
      url = next;
    }
  }

  private static URI target(URI first, URI from, String location) {
    try {
      URI next = from.resolve(location);
      boolean web = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
      if (!location.isEmpty() && web && next.getHost() != null) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new BuildException(
        Code.UNAVAILABLE,
        Answer.redact(first)
            + ": redirected to '"
            + RegistryErrors.clean(location)
            + "', which is no http or https URL");
  }

  private static BuildException status(URI url, Answer answer) {
    String what = Answer.redact(url) + ": the server answered with status " + answer.status();
    return switch (answer.status()) {
      case 401, 403 -> new BuildException(Code.UNAUTHENTICATED, what + ": it wants credentials");
      case 404, 410 -> new BuildException(Code.NOT_FOUND, what + ": there is no such file");
      default -> new BuildException(Code.UNAVAILABLE, what + ", want 200");
    };
  }

  private static BuildException connection(URI url, IOException failure) {
    String where = Answer.redact(url) + ": ";
    String host = url.getAuthority();
    String what;
    if (Retries.isUnknownHost(failure)) {
      what = "unknown host '" + host + "': check the name and the machine's DNS";
    } else if (failure instanceof ConnectException) {
      what = "nothing accepts connections at '" + host + "'";
    } else if (failure instanceof HttpTimeoutException) {
      what = "'" + host + "' does not answer";
    } else {
      String reason = RegistryErrors.clean(Retries.reason(failure));
      what =
          failure instanceof SSLException
              ? "no trusted TLS connection (" + reason + ")"
              : "connection broke (" + reason + ")";
    }
    return new BuildException(Code.UNAVAILABLE, where + what, failure);
  }
}
