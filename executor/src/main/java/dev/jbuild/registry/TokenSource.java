package dev.jbuild.registry;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches bearer tokens. Source: distribution-spec, "Token Authentication Specification" and
 * "OAuth2 Token Authentication".
 */
final class TokenSource {
  private static final int LIMIT = 1024 * 1024;
  private static final long DEFAULT_SECONDS = 60;
  private static final long MAX_SECONDS = 24 * 3600;
  private static final String CLIENT = "jbuild";

  private final Http http;
  private final Clock clock;
  private final Pause pause;

  TokenSource(Http http, Clock clock, Pause pause) {
    this.http = http;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * A token.
   *
   * @param until when to fetch another: 90 % of its time
   */
  record Token(String value, Instant until) {
    @Override
    public String toString() {
      return "Token[until=" + until + "]";
    }
  }

  /**
   * Fetches one: by the user's own side where that does so, else by GET first, with a secret by
   * POST where that is refused.
   */
  Token fetch(
      Endpoint endpoint,
      String scheme,
      String realm,
      String service,
      Collection<String> scopes,
      Credentials credentials,
      TransferProgress progress)
      throws InterruptedException {
    Optional<Credentials.Token> handed = Optional.empty();
    if (isSafe(realm, endpoint, scheme)) {
      handed =
          credentials.token(
              new Credentials.TokenRequest(endpoint.login(), realm, service, List.copyOf(scopes)));
    }
    if (handed.isPresent()) {
      return handed(handed.get(), realm);
    }
    Optional<Credentials.Login> login = credentials.forHost(endpoint.login());
    URI url = checked(realm, endpoint, scheme, login.isPresent());
    boolean writes = scopes.stream().anyMatch(scope -> scope.endsWith("push"));
    if (login.isEmpty()) {
      return read(
          send(get(url, service, scopes, null), url, endpoint, progress), url, endpoint, writes);
    }
    Credentials.Login with = login.get();
    if (with.user().isEmpty()) {
      var post = post(url, service, scopes, with);
      return read(send(post, url, endpoint, progress), url, endpoint, writes);
    }
    Answer first = send(get(url, service, scopes, with), url, endpoint, progress);
    if (first.status() == 401 || first.status() == 404 || first.status() == 405) {
      first.close();
      return read(
          send(post(url, service, scopes, with), url, endpoint, progress), url, endpoint, writes);
    }
    return read(first, url, endpoint, writes);
  }

  /** Whether a realm may be shown to who has the password. */
  private static boolean isSafe(String realm, Endpoint endpoint, String scheme) {
    try {
      return !checked(realm, endpoint, scheme, true).getHost().isEmpty();
    } catch (BuildException refused) {
      return false; // nobody's password goes there; without one it may be asked
    }
  }

  private Token handed(Credentials.Token given, String realm) {
    if (!isToken(given.value())) {
      throw new BuildException(
          Code.UNAUTHENTICATED,
          "token server '"
              + RegistryErrors.clean(realm)
              + "': the client's session answers for it, but gives no token");
    }
    return lasting(given.value(), given.seconds());
  }

  private static boolean isToken(String value) {
    return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127);
  }

  private Token lasting(String value, long stated) {
    long seconds = stated <= 0 ? DEFAULT_SECONDS : Math.min(stated, MAX_SECONDS);
    return new Token(value, clock.instant().plusMillis(seconds * 900));
  }

  /** A realm is named by a stranger: it must not lure a secret out unencrypted. */
  private static URI checked(String realm, Endpoint endpoint, String scheme, boolean secret) {
    URI url;
    try {
      url = URI.create(realm);
    } catch (IllegalArgumentException e) {
      throw refused(endpoint, realm, "is no URL", e);
    }
    if (url.getHost() == null || !(isScheme(url, "https") || isScheme(url, "http"))) {
      throw refused(endpoint, realm, "is no http or https URL", null);
    }
    boolean plain = isScheme(url, "http");
    if (plain && secret && !scheme.equals("http") && !Endpoint.isLoopback(url.getHost())) {
      throw refused(endpoint, realm, "would send the password unencrypted", null);
    }
    return url;
  }

  private static boolean isScheme(URI url, String scheme) {
    return scheme.equalsIgnoreCase(url.getScheme());
  }

  private static BuildException refused(
      Endpoint endpoint, String realm, String why, @Nullable Throwable cause) {
    return new BuildException(
        Code.UNAUTHENTICATED,
        "registry '"
            + endpoint.host()
            + "' names the token server '"
            + RegistryErrors.clean(realm)
            + "', which "
            + why,
        cause);
  }

  private static HttpRequest.Builder get(
      URI url, String service, Collection<String> scopes, Credentials.@Nullable Login login) {
    var query = new StringBuilder();
    if (!service.isEmpty()) {
      append(query, "service", service);
    }
    scopes.forEach(scope -> append(query, "scope", scope));
    String text = url.toString();
    String joint = query.isEmpty() ? "" : url.getRawQuery() == null ? "?" : "&";
    var request = HttpRequest.newBuilder(URI.create(text + joint + query)).GET();
    return login == null ? request : request.header("Authorization", basic(login));
  }

  private static HttpRequest.Builder post(
      URI url, String service, Collection<String> scopes, Credentials.Login login) {
    var form = new StringBuilder();
    if (login.user().isEmpty()) {
      append(form, "grant_type", "refresh_token");
      append(form, "refresh_token", login.secret());
    } else {
      append(form, "grant_type", "password");
      append(form, "username", login.user());
      append(form, "password", login.secret());
    }
    append(form, "service", service);
    append(form, "client_id", CLIENT);
    append(form, "scope", String.join(" ", scopes));
    return HttpRequest.newBuilder(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form.toString()));
  }

  static String basic(Credentials.Login login) {
    byte[] pair = (login.user() + ":" + login.secret()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static void append(StringBuilder query, String name, String value) {
    query
        .append(query.isEmpty() ? "" : "&")
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  private Answer send(
      HttpRequest.Builder request, URI url, Endpoint endpoint, TransferProgress progress)
      throws InterruptedException {
    var retries = new Retries(pause, progress);
    while (true) {
      try {
        Answer answer = http.send(request.copy(), endpoint.tls());
        if (!retries.again(answer)) {
          return answer;
        }
        answer.close();
      } catch (IOException e) {
        if (!retries.again("token request to " + Answer.redact(url), e)) {
          throw RegistryErrors.connection("GET", url, e);
        }
      }
    }
  }

  private Token read(Answer given, URI url, Endpoint endpoint, boolean writes) {
    try (Answer answer = given) {
      if (answer.status() != 200) {
        throw RegistryErrors.status(answer, endpoint.login(), writes);
      }
      byte[] body = answer.read(LIMIT);
      if (body.length > LIMIT) {
        throw unreadable(url, "is larger than 1 MiB", null);
      }
      Reply json = Reply.parse(body);
      String token = json.member("token").text();
      String value = token.isEmpty() ? json.member("access_token").text() : token;
      if (!isToken(value)) {
        throw unreadable(url, "holds no token", null);
      }
      return lasting(value, json.member("expires_in").number());
    } catch (OciFormatException e) {
      throw unreadable(url, "is no JSON", e);
    } catch (IOException e) {
      throw RegistryErrors.connection(given.method(), url, e);
    }
  }

  private static BuildException unreadable(URI url, String why, @Nullable Throwable cause) {
    return new BuildException(
        Code.UNAUTHENTICATED,
        "token server " + Answer.redact(url) + ": its answer " + why + ": is it one?",
        cause);
  }
}
