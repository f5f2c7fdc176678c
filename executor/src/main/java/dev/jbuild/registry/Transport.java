package dev.jbuild.registry;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
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
   * @param method of HTTP
   * @param path below the repository: {@code manifests/latest}
   * @param accepted statuses besides 200 that the caller wants to see
   * @param sent what goes along, or null for a request that only reads
   */
  record Call(
      String method,
      Repository repository,
      String path,
      Map<String, String> headers,
      Set<Integer> accepted,
      @Nullable Sent sent) {
    Call {
      headers = Map.copyOf(headers);
      accepted = Set.copyOf(accepted);
    }

    /** A request that only reads. */
    Call(
        String method,
        Repository repository,
        String path,
        Map<String, String> headers,
        Set<Integer> accepted) {
      this(method, repository, path, headers, accepted, null);
    }

    List<String> scopes() {
      if (sent == null) {
        return List.of(repository.pullScope());
      }
      Repository from = sent.from();
      return from == null
          ? List.of(repository.pushScope())
          : List.of(repository.pushScope(), from.pullScope());
    }
  }

  /**
   * What a request that writes brings along.
   *
   * @param bytes length of the body
   * @param url where the registry wants it; null for the call's path
   * @param from repository that is read as well; null for none
   */
  record Sent(
      HttpRequest.BodyPublisher body, long bytes, @Nullable URI url, @Nullable Repository from) {
    /** Nothing but the wish to write. */
    static final Sent NOTHING = new Sent(noBody(), 0, null, null);

    /** A slow line has time: 64 KiB in a second. */
    Duration limit() {
      return Duration.ofSeconds(60 + bytes / (64 * 1024));
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
    return run(endpoint, exchange, retries(progress), progress);
  }

  /** What bounds the tries of something that takes several exchanges. */
  Retries retries(TransferProgress progress) {
    return new Retries(pause, progress);
  }

  /** Does an exchange that is one of several which share their tries. */
  <T> T run(Endpoint endpoint, Exchange<T> exchange, Retries retries, TransferProgress progress)
      throws InterruptedException {
    while (true) {
      Call call = exchange.call();
      String scheme = schemes.getOrDefault(endpoint.host(), endpoint.schemes().getFirst());
      URI url = url(endpoint, scheme, call);
      try (Answer answer = authorized(endpoint, scheme, url, call, progress)) {
        if (answer.status() == 200 || call.accepted().contains(answer.status())) {
          return exchange.read(answer);
        }
        if (!retries.again(answer)) {
          throw RegistryErrors.status(answer, endpoint.login(), call.sent() != null);
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

  /**
   * Whether two URLs lead to the same server: others get no secrets. A port that is the scheme's
   * own need not be written, and the case of letters does not count.
   */
  static boolean sameHost(URI own, URI url) {
    return own.getHost() != null
        && own.getHost().equalsIgnoreCase(url.getHost())
        && own.getScheme().equalsIgnoreCase(url.getScheme())
        && port(own) == port(url);
  }

  private static int port(URI url) {
    return url.getPort() >= 0
        ? url.getPort()
        : url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  private static URI url(Endpoint endpoint, String scheme, Call call) {
    Sent sent = call.sent();
    return sent == null || sent.url() == null
        ? URI.create(endpoint.url(scheme, call.repository(), call.path()))
        : sent.url();
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
      if (schemes.put(endpoint.host(), endpoint.schemes().get(1)) == null) {
        progress.note(endpoint.host() + ": does not speak TLS, going on with plain http");
      }
      return true;
    }
    return false;
  }

  private Answer authorized(
      Endpoint endpoint, String scheme, URI url, Call call, TransferProgress progress)
      throws IOException, InterruptedException {
    Authority.Attempt attempt = authority.begin(endpoint, scheme, call.scopes(), progress);
    boolean own = sameHost(URI.create(endpoint.url(scheme, call.repository(), call.path())), url);
    while (true) {
      String header = own ? attempt.header() : null;
      Answer answer = redirected(endpoint, url, call, header);
      boolean ours = own && answer.status() == 401 && answer.url().equals(url);
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
      Answer answer =
          http.send(request(url, call, authorization), endpoint.tls(), limit(call.sent()));
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
      authorization = sameHost(url, next) ? authorization : null;
      url = next;
    }
  }

  private static Duration limit(@Nullable Sent sent) {
    return sent == null ? Http.HEADERS : sent.limit();
  }

  /** Where an answer's Location leads. */
  static URI target(Endpoint endpoint, URI from, Answer answer) {
    String location = answer.header("location");
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw badRedirect(answer, location, "which is no URL");
    }
    boolean http = "http".equalsIgnoreCase(next.getScheme());
    if (location.isEmpty()
        || next.getHost() == null
        || !(http || "https".equalsIgnoreCase(next.getScheme()))) {
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
    Sent sent = call.sent();
    var request =
        HttpRequest.newBuilder(url).method(call.method(), sent == null ? noBody() : sent.body());
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
