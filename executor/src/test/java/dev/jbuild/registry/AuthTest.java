package dev.jbuild.registry;

import static dev.jbuild.registry.RegistryFixture.NOBODY;
import static dev.jbuild.registry.RegistryFixture.OCI_MANIFEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthTest {
  private static final String SCOPE = "repository:app:pull";

  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;
  private final Digest digest = registry.manifest("app", "1", OCI_MANIFEST, "{}");
  private final TestClock clock = new TestClock();

  AuthTest() throws IOException {}

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Credentials login(String user, String secret) {
    return host -> Optional.of(new Credentials.Login(user, secret));
  }

  private Digest resolve(Credentials credentials) throws InterruptedException {
    return resolve(client(credentials));
  }

  private RegistryClient client(Credentials credentials) {
    return fixture.client(credentials, RegistryConfig.DEFAULT, clock);
  }

  private Digest resolve(RegistryClient client) throws InterruptedException {
    return client.resolveTag(fixture.repository("app"), "1", fixture).digest();
  }

  /** Gives tokens {@code t1}, {@code t2}, ... and lets the newest of them in. */
  private final class TokenServer implements TestRegistry.Trick {
    final List<String> asked = new ArrayList<>();
    String answer = "\"token\":\"%s\"";
    String scope = SCOPE;
    String error = "";
    boolean refuseGet;
    String wantAuthorization = "";

    @Override
    public boolean answer(HttpExchange exchange) throws IOException {
      return exchange.getRequestURI().getPath().equals("/token") ? token(exchange) : gate(exchange);
    }

    private boolean token(HttpExchange exchange) throws IOException {
      boolean get = exchange.getRequestMethod().equals("GET");
      String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      asked.add(
          exchange.getRequestMethod() + " " + (get ? exchange.getRequestURI().getQuery() : form));
      String authorization =
          exchange.getRequestHeaders().getOrDefault("Authorization", List.of("")).getFirst();
      if (get && (refuseGet || !authorization.equals(wantAuthorization))) {
        byte[] words = TestRegistry.error("UNAUTHORIZED", "bad login");
        return TestRegistry.send(exchange, 401, "application/json", words);
      }
      byte[] json =
          ("{" + answer.formatted("t" + asked.size()) + "}").getBytes(StandardCharsets.UTF_8);
      return TestRegistry.send(exchange, 200, "application/json", json);
    }

    private boolean gate(HttpExchange exchange) throws IOException {
      String given =
          exchange.getRequestHeaders().getOrDefault("Authorization", List.of("")).getFirst();
      if (given.equals("Bearer t" + asked.size())) {
        return false;
      }
      String challenge =
          "Bearer realm=\"%s/token\",service=\"test, registry\",scope=\"%s\"%s"
              .formatted(registry.url(), scope, error);
      exchange.getResponseHeaders().add("WWW-Authenticate", "Negotiate");
      exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
      byte[] words = TestRegistry.error("UNAUTHORIZED", "authentication required");
      return TestRegistry.send(exchange, 401, "application/json", words);
    }
  }

  private TokenServer tokens() {
    var server = new TokenServer();
    registry.gate(server);
    return server;
  }

  @Test
  void anonymousTokenIsFetchedByGet() throws Exception {
    TokenServer server = tokens();
    assertEquals(digest, resolve(NOBODY));
    assertEquals(List.of("GET service=test,+registry&scope=" + SCOPE), server.asked);
  }

  @Test
  void passwordGoesAsBasicHeaderToTheTokenServer() throws Exception {
    TokenServer server = tokens();
    server.wantAuthorization = "Basic dTpw";
    assertEquals(digest, resolve(login("u", "p")));
    assertEquals(1, server.asked.size());
  }

  @Test
  void refusedGetIsRepeatedAsOauthPost() throws Exception {
    TokenServer server = tokens();
    server.refuseGet = true;
    server.answer = "\"access_token\":\"%s\"";
    assertEquals(digest, resolve(login("u", "p&q")));
    assertEquals(
        "POST grant_type=password&username=u&password=p%26q&service=test%2C+registry"
            + "&client_id=jbuild&scope=repository%3Aapp%3Apull",
        server.asked.get(1));
  }

  @Test
  void identityTokenIsARefreshToken() throws Exception {
    TokenServer server = tokens();
    assertEquals(digest, resolve(login("", "secret")));
    assertEquals(
        List.of(
            "POST grant_type=refresh_token&refresh_token=secret&service=test%2C+registry"
                + "&client_id=jbuild&scope=repository%3Aapp%3Apull"),
        server.asked);
  }

  /** A user whose own side fetches tokens; its password is asked for by nobody. */
  private static final class HandingUser implements Credentials {
    final List<TokenRequest> asked = new ArrayList<>();
    String value = "t0";

    @Override
    public Optional<Login> forHost(String host) {
      throw new IllegalStateException("the password of '" + host + "' was asked for");
    }

    @Override
    public Optional<Token> token(TokenRequest request) {
      asked.add(request);
      return Optional.of(new Token(value, 0));
    }
  }

  @Test
  void tokenOfTheUsersOwnSideNeedsNoPassword() throws Exception {
    TokenServer server = tokens();
    var user = new HandingUser();
    RegistryClient client = client(user);
    assertEquals(digest, resolve(client));
    clock.advanceSeconds(53);
    assertEquals(digest, resolve(client));
    assertEquals(List.of(), server.asked);
    assertEquals(1, user.asked.size());
    assertEquals(registry.url() + "/token", user.asked.getFirst().realm());
    assertEquals(List.of(SCOPE), user.asked.getFirst().scopes());
    assertEquals("test, registry", user.asked.getFirst().service());
    clock.advanceSeconds(1);
    resolve(client);
    assertEquals(2, user.asked.size());
  }

  @Test
  void tokenOfTheUsersOwnSideMayNotBreakTheHeader() throws Exception {
    tokens();
    var user = new HandingUser();
    user.value = "t0\r\nHost: other";
    var failure = assertThrows(BuildException.class, () -> resolve(user));
    assertEquals(
        "token server '"
            + registry.url()
            + "/token': the client's session answers for it, but gives no token",
        failure.message());
  }

  @Test
  void tokenIsUsedAgain() throws Exception {
    TokenServer server = tokens();
    RegistryClient client = client(NOBODY);
    resolve(client);
    client.document(fixture.repository("app"), digest, fixture);
    assertEquals(1, server.asked.size());
    assertEquals(4, registry.requests().size());
  }

  @Test
  void tokenWithoutATimeLastsAMinute() throws Exception {
    TokenServer server = tokens();
    RegistryClient client = client(NOBODY);
    resolve(client);
    clock.advanceSeconds(53);
    resolve(client);
    assertEquals(1, server.asked.size());
    clock.advanceSeconds(1);
    resolve(client);
    assertEquals(2, server.asked.size());
  }

  @Test
  void tokensAreNotSharedBetweenClients() throws Exception {
    TokenServer server = tokens();
    resolve(NOBODY);
    resolve(NOBODY);
    assertEquals(2, server.asked.size());
  }

  @Test
  void revokedTokenIsFetchedAgainOnce() throws Exception {
    TokenServer server = tokens();
    server.error = ",error=\"invalid_token\"";
    RegistryClient client = client(NOBODY);
    resolve(client);
    server.asked.add("revoked: only t3 opens now");
    assertEquals(digest, resolve(client));
    assertEquals(3, server.asked.size());
  }

  @Test
  void missingScopeIsAddedToTheToken() throws Exception {
    TokenServer server = tokens();
    RegistryClient client = client(NOBODY);
    resolve(client);
    server.asked.add("revoked: only t3 opens now");
    server.scope = "repository:base:pull";
    server.error = ",error=\"insufficient_scope\"";
    assertEquals(digest, resolve(client));
    assertEquals(
        "GET service=test,+registry&scope=repository:app:pull&scope=repository:base:pull",
        server.asked.get(2));
  }

  @Test
  void theRegistrysNameOfTheRepositoryCounts() throws Exception {
    TokenServer server = tokens();
    server.scope = "repository:proxy/app:pull";
    assertEquals(digest, resolve(NOBODY));
    assertEquals(
        List.of("GET service=test,+registry&scope=repository:proxy/app:pull"), server.asked);
  }

  @Test
  void scopeThatTheTokenHadIsNotAskedForAgain() throws Exception {
    TokenServer server = tokens();
    RegistryClient client = client(NOBODY);
    resolve(client);
    server.asked.add("revoked");
    server.error = ",error=\"insufficient_scope\"";
    assertThrows(BuildException.class, () -> resolve(client));
    assertEquals(2, server.asked.size());
  }

  @Test
  void basicChallengeIsAnsweredWithTheLogin() throws Exception {
    registry.gate(TestRegistry.basicAuth("Basic dTpw"));
    assertEquals(digest, resolve(login("u", "p")));
  }

  @Test
  void wrongPasswordIsToldOnce() {
    registry.gate(TestRegistry.basicAuth("Basic dTpw"));
    BuildException failure =
        assertThrows(
            BuildException.class,
            () -> client(login("u", "wrong")).document(fixture.repository("app"), digest, fixture));
    assertEquals(Code.UNAUTHENTICATED, failure.code());
    assertEquals(
        "GET http://HOST/v2/app/manifests/"
            + digest
            + ": 401 UNAUTHORIZED: who are you; 'HOST' refused the credentials or wants some: log"
            + " in with 'docker login HOST', or check the name, as registries hide what does not"
            + " exist",
        fixture.stable(failure.message()));
    assertEquals(2, registry.requests().size());
  }

  @Test
  void loginThatTheTokenServerRefusesIsTold() {
    TokenServer server = tokens();
    server.wantAuthorization = "Basic bm9ib2R5Og==";
    BuildException failure = assertThrows(BuildException.class, () -> resolve(NOBODY));
    assertEquals(Code.UNAUTHENTICATED, failure.code());
    assertEquals(
        "GET http://HOST/token: 401 UNAUTHORIZED: bad login; 'HOST' refused the credentials or"
            + " wants some: log in with 'docker login HOST', or check the name, as registries hide"
            + " what does not exist",
        fixture.stable(failure.message()));
  }

  @Test
  void tokenServerThatGivesNoTokenIsTold() {
    TokenServer server = tokens();
    server.answer = "\"tokn\":\"%s\"";
    BuildException failure = assertThrows(BuildException.class, () -> resolve(NOBODY));
    assertEquals(
        "token server http://HOST/token: its answer holds no token: is it one?",
        fixture.stable(failure.message()));
  }

  @Test
  void secretIsNotSentInClearToAForeignTokenServer() {
    var https =
        new Endpoint(
            "r.example", "r.example", "", "", List.of("https"), new Tls(true, null), false);
    var source = new TokenSource(fixture.http, clock, fixture.pauses::add);
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                source.fetch(
                    https,
                    "https",
                    "http://evil.example/token",
                    "s",
                    List.of(SCOPE),
                    login("u", "p"),
                    fixture));
    assertEquals(
        "registry 'r.example' names the token server 'http://evil.example/token', which would send"
            + " the password unencrypted",
        failure.message());
  }

  /** A clock that stands still until it is told. */
  private static final class TestClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advanceSeconds(long seconds) {
      now = now.plusSeconds(seconds);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("only UTC");
    }
  }
}
