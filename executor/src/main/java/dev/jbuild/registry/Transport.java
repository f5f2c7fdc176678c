package dev.jbuild.registry;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests of one client: signs in, follows redirects, tries again. Safe for use by several
 * threads.
 */
final class Transport {
  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final Http http;
  private final Authority authority;
  private final Pause pause;
  private final ConcurrentHashMap<String, String> schemes = new ConcurrentHashMap<>();

  Transport(Http http, Authority authority, Pause pause) {
    this.http = http;
    this.authority = authority;
    this.pause = pause;
  }

  /**
   * A request.
   *
   * @param method {@code GET} or {@code HEAD}
   * @param path below the repository: {@code manifests/latest}
   * @param accepted statuses besides 200 that the caller wants to see
   */
  record Call(
      String method,
      Repository repository,
      String path,
      Map<String, String> headers,
      Set<Integer> accepted) {
    Call {
      headers = Map.copyOf(headers);
      accepted = Set.copyOf(accepted);
    }
  }

  /** Something done by one request, which is made anew for each try. */
  interface Exchange<T> {
    Call call();

    /**
     * Takes the answer, which the transport closes.
     *
     * @throws IOException when the connection breaks: the exchange is tried again
     */
    T read(Answer answer) throws IOException;
  }

  /** Does an exchange with one host. */
  <T> T run(Endpoint endpoint, Exchange<T> exchange, TransferProgress progress)
      throws InterruptedException {
    var retries = new Retries(pause, progress);
    while (true) {
      Call call = exchange.call();
      String scheme = schemes.getOrDefault(endpoint.host(), endpoint.schemes().getFirst());
      URI url = URI.create(endpoint.url(scheme, call.repository(), call.path()));
      try (Answer answer = authorized(endpoint, scheme, url, call, progress)) {
        if (answer.status() == 200 || call.accepted().contains(answer.status())) {
          return exchange.read(answer);
        }
        if (!retries.again(answer)) {
          throw RegistryErrors.status(answer, endpoint.login());
        }
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw interrupted(e);
        }
        if (!otherScheme(endpoint, scheme, e, progress)
            && !retries.again(call.method() + " " + Answer.redact(url), e)) {
          throw RegistryErrors.connection(call.method(), url, e);
        }
      }
    }
  }

  private static InterruptedException interrupted(IOException e) {
    var interrupted = new InterruptedException("cancelled while talking to a registry");
    interrupted.initCause(e);
    return interrupted;
  }

  /** For a host that is configured as insecure: goes over to http where it speaks no TLS. */
  private boolean otherScheme(
      Endpoint endpoint, String scheme, IOException failure, TransferProgress progress) {
    boolean noTls =
        failure instanceof SSLException
            || (failure instanceof ConnectException && endpoint.hasDefaultPort());
    if (noTls && endpoint.schemes().size() > 1 && endpoint.schemes().getFirst().equals(scheme)) {
      schemes.put(endpoint.host(), endpoint.schemes().get(1));
      progress.note(endpoint.host() + ": does not speak TLS, going on with plain http");
      return true;
    }
    return false;
  }

  private Answer authorized(
      Endpoint endpoint, String scheme, URI url, Call call, TransferProgress progress)
      throws IOException, InterruptedException {
    Authority.Attempt attempt =
        authority.begin(endpoint, scheme, call.repository().pullScope(), progress);
    while (true) {
      String header = attempt.header();
      Answer answer = redirected(endpoint, url, call, header);
      boolean ours = answer.status() == 401 && answer.url().equals(url);
      if (!ours || !tryAgain(attempt, answer)) {
        return answer;
      }
    }
  }

  private static boolean tryAgain(Authority.Attempt attempt, Answer answer)
      throws InterruptedException {
    List<Challenge> challenges = Challenge.parse(answer.headerValues("www-authenticate"));
    if (!attempt.challenged(challenges)) {
      return false;
    }
    answer.close();
    return true;
  }

  private Answer redirected(Endpoint endpoint, URI first, Call call, @Nullable String header)
      throws IOException, InterruptedException {
    URI url = first;
    String authorization = header;
    for (int redirects = 0; ; redirects++) {
      Answer answer = http.send(request(url, call, authorization), endpoint.tls());
      if (!REDIRECTS.contains(answer.status())) {
        return answer;
      }
      answer.close();
      URI next = target(endpoint, url, answer);
      if (redirects == MAX_REDIRECTS) {
        throw new BuildException(
            Code.UNAVAILABLE,
            call.method()
                + " "
                + Answer.redact(first)
                + ": redirected more than "
                + MAX_REDIRECTS
                + " times: is this host a registry?");
      }
      boolean sameServer =
          next.getScheme().equals(url.getScheme())
              && next.getAuthority().equals(url.getAuthority());
      authorization = sameServer ? authorization : null;
      url = next;
    }
  }

  private static URI target(Endpoint endpoint, URI from, Answer answer) {
    String location = answer.header("location");
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw badRedirect(answer, location, "which is no URL");
    }
    boolean http = "http".equals(next.getScheme());
    if (location.isEmpty()
        || next.getHost() == null
        || !(http || "https".equals(next.getScheme()))) {
      throw badRedirect(answer, location, "which is no http or https URL");
    }
    if (http && !endpoint.schemes().contains("http")) {
      throw badRedirect(answer, Answer.redact(next), "which would leave https");
    }
    return next;
  }

  private static BuildException badRedirect(Answer answer, String location, String why) {
    return new BuildException(
        Code.UNAVAILABLE,
        answer.method()
            + " "
            + Answer.redact(answer.url())
            + ": redirected to '"
            + RegistryErrors.clean(location)
            + "', "
            + why);
  }

  private static HttpRequest.Builder request(URI url, Call call, @Nullable String authorization) {
    var request = HttpRequest.newBuilder(url).method(call.method(), noBody());
    call.headers().forEach(request::header);
    if (authorization != null && !authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  private static HttpRequest.BodyPublisher noBody() {
    return HttpRequest.BodyPublishers.noBody();
  }
}
