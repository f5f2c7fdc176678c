package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which rights a push asks a token server for, and what it does without them. */
class PushTokenTest {
  private static final byte[] BLOB = {1, 2, 3};
  private static final String PUSH = "repository:app:pull,push";
  private static final String BASE = "repository:team/base:pull";
  private static final String UPLOADS = "/v2/app/blobs/uploads/";

  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;
  private final Digest digest = fixture.store.put(BLOB);
  private final String mount = "POST " + UPLOADS + "?mount=" + digest + "&from=team/base";
  private final TokenServer tokens = new TokenServer(scopes -> String.join("~", scopes));
  private boolean namesFrom = true;

  PushTokenTest() throws IOException {}

  @BeforeEach
  void open() {
    registry.gate(this::answer);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** A registry that looks at tokens, mounts what it may, and takes everything. */
  private boolean answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (path.equals("/token")) {
      return tokens.answer(exchange);
    }
    boolean reads = exchange.getRequestMethod().equals("HEAD");
    var needed = new ArrayList<String>();
    needed.add(reads ? "repository:app:pull" : PUSH);
    String challenge = needed.getFirst();
    if (query.contains("from=")) {
      needed.add(BASE);
      challenge = namesFrom ? String.join(" ", needed) : challenge;
    }
    String token =
        exchange.getRequestHeaders().getOrDefault("Authorization", List.of("")).getFirst();
    var granted = new Scopes(List.of(token.replace("Bearer ", "").split("~", -1)));
    if (!granted.plus(needed).equals(granted)) {
      exchange
          .getResponseHeaders()
          .set(
              "WWW-Authenticate",
              "Bearer realm=\"%s/token\",service=\"s\",scope=\"%s\"%s"
                  .formatted(
                      registry.url(),
                      challenge,
                      token.isEmpty() ? "" : ",error=\"insufficient_scope\""));
      return TestRegistry.failing(401, "UNAUTHORIZED", "not allowed").answer(exchange);
    }
    if (reads) {
      return false; // nothing is there
    }
    exchange.getRequestBody().readAllBytes();
    boolean place = path.equals(UPLOADS) && !query.contains("from=");
    if (place) {
      exchange.getResponseHeaders().set("Location", UPLOADS + "1");
    }
    exchange.sendResponseHeaders(place ? 202 : 201, -1);
    return true;
  }

  private RegistryPush opened() {
    Credentials user = host -> Optional.of(new Credentials.Login("u", "p"));
    return new RegistryPush(
        fixture.http,
        RegistryConfig.DEFAULT,
        false,
        user,
        fixture.store,
        Clock.systemUTC(),
        fixture.pauses::add);
  }

  private void push(RegistryPush push, boolean mounts) throws InterruptedException {
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, BLOB.length);
    Repository from = mounts ? fixture.repository("team/base") : null;
    push.blobs(
        fixture.repository("app"), List.of(new RegistryPush.Blob(blob, null, from)), fixture);
  }

  private List<String> writes() {
    return registry.requests().stream()
        .filter(each -> !each.startsWith("HEAD") && !each.startsWith("GET"))
        .toList();
  }

  @Test
  void oneTokenIsEnoughForAPush() throws Exception {
    RegistryPush push = opened();
    push(push, false);
    Bytes manifest = Bytes.copyOf("{}".getBytes(StandardCharsets.UTF_8));
    push.document(
        fixture.repository("app"),
        "1",
        Descriptor.of(MediaType.OCI_MANIFEST, manifest),
        manifest,
        fixture);
    assertEquals(List.of(PUSH), tokens.asked);
    assertEquals(
        List.of(
            "POST " + UPLOADS, "PUT " + UPLOADS + "1?digest=" + digest, "PUT /v2/app/manifests/1"),
        writes());
  }

  @Test
  void aMountAsksForTheRightToReadItsSource() throws Exception {
    push(opened(), true);
    assertEquals(List.of(PUSH, PUSH + " " + BASE), tokens.asked);
    assertEquals(List.of(mount, mount), writes());
  }

  @Test
  void theRightIsAskedForWhereTheRegistryDoesNotNameIt() throws Exception {
    namesFrom = false;
    push(opened(), true);
    assertEquals(List.of(PUSH, PUSH + " " + BASE), tokens.asked);
    assertEquals(List.of(mount, mount), writes());
  }

  @Test
  void whoMayNotReadTheSourceUploads() throws Exception {
    tokens.gives(BASE, "");
    push(opened(), true);
    assertEquals(
        List.of(mount, mount, "POST " + UPLOADS, "PUT " + UPLOADS + "1?digest=" + digest),
        writes());
  }

  @Test
  void whoGetsNoTokenForTheSourceUploads() throws Exception {
    tokens.forbids(BASE);
    push(opened(), true);
    assertEquals(
        List.of(mount, "POST " + UPLOADS, "PUT " + UPLOADS + "1?digest=" + digest), writes());
  }

  @Test
  void whoMayOnlyReadIsRefused() {
    tokens.gives(PUSH, "repository:app:pull");
    var failure = assertThrows(BuildException.class, () -> push(opened(), false));
    assertEquals(Code.UNAUTHENTICATED, failure.code());
    assertEquals(
        "POST http://HOST/v2/app/blobs/uploads/: 401 UNAUTHORIZED: not allowed; 'HOST' refused the"
            + " credentials or wants some: log in with 'docker login HOST', or check the name, as"
            + " registries hide what does not exist",
        fixture.stable(failure.message()));
    assertEquals(List.of(PUSH), tokens.asked);
  }

  @Test
  void aTokenServerThatRefusesIsToldAsARefusedPush() {
    tokens.forbids(PUSH);
    var failure = assertThrows(BuildException.class, () -> push(opened(), false));
    assertEquals(Code.UNAUTHENTICATED, failure.code());
    assertEquals(
        "GET http://HOST/token: 403 DENIED: not you; this user may not push it: ask for the right"
            + " at 'HOST'",
        fixture.stable(failure.message()));
    assertEquals(List.of(), writes());
  }
}
