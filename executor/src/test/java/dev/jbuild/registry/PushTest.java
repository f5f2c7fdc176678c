package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.error.BuildException;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PushTest {
  private static final byte[] BLOB = {1, 2, 3};
  private static final String BASIC = "Basic dTpw";
  private static final String MANIFEST = "/v2/app/manifests/1";
  private static final String UPLOADS = "/v2/app/blobs/uploads/";

  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;
  private final Digest digest = fixture.store.put(BLOB);
  private byte[] received = {};

  PushTest() throws IOException {}

  @AfterEach
  void close() {
    fixture.close();
  }

  private RegistryPush opened() {
    return opened(RegistryFixture.NOBODY);
  }

  private RegistryPush opened(Credentials credentials) {
    return new RegistryPush(
        fixture.http,
        RegistryConfig.DEFAULT,
        false,
        credentials,
        fixture.store,
        Clock.systemUTC(),
        fixture.pauses::add);
  }

  private void push(String mountFrom) throws InterruptedException {
    push(mountFrom, null);
  }

  private void push(String mountFrom, RegistryPush.@Nullable Arrival arrival)
      throws InterruptedException {
    var blob = new Descriptor(MediaType.OCI_LAYER_GZIP, digest, BLOB.length);
    var from = mountFrom.isEmpty() ? null : fixture.repository(mountFrom);
    opened()
        .blobs(
            fixture.repository("app"),
            List.of(new RegistryPush.Blob(blob, null, from, arrival)),
            fixture);
  }

  private void pushManifest(String reference) throws InterruptedException {
    Bytes manifest = Bytes.utf8("{}");
    opened()
        .document(
            fixture.repository("app"),
            reference,
            Descriptor.of(MediaType.OCI_MANIFEST, manifest),
            manifest,
            fixture);
  }

  private void opensPlace() {
    registry.trick(
        UPLOADS,
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/upload?state=a");
          exchange.sendResponseHeaders(202, -1);
          return true;
        });
  }

  private boolean take(HttpExchange exchange) throws IOException {
    received = exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(201, -1);
    return true;
  }

  @Test
  void blobThatIsThereIsNotSent() throws Exception {
    registry.blob("app", BLOB);
    push("");
    assertEquals(List.of("HEAD /v2/app/blobs/" + digest), registry.requests());
  }

  /** How often its arrival was waited for. */
  private int push(String mountFrom, boolean comes) throws InterruptedException {
    var asked = new AtomicInteger();
    push(
        mountFrom,
        () -> {
          asked.incrementAndGet();
          if (!comes) {
            throw new IOException("no space left");
          }
        });
    return asked.get();
  }

  @Test
  void aBlobThatIsThereOrIsMountedDoesNotHaveToCome() throws Exception {
    registry.trick(UPLOADS, this::take);
    assertEquals(0, push("other", false));
    registry.blob("app", BLOB);
    assertEquals(0, push("", false));
  }

  @Test
  void aBlobThatHasToBeSentComesFirst() throws Exception {
    opensPlace();
    registry.trick("/upload", this::take);
    assertEquals(1, push("", true));
    assertArrayEquals(BLOB, received);
  }

  @Test
  void aBlobThatCanNotComeIsNamed() {
    assertEquals(
        "blob " + digest + " can not be stored: no space left",
        assertThrows(BuildException.class, () -> push("", false)).message());
  }

  @Test
  void missingBlobIsPutWhereTheRegistryWantsIt() throws Exception {
    opensPlace();
    registry.trick("/upload", this::take);
    push("");
    assertArrayEquals(BLOB, received);
    assertEquals(
        List.of(
            "HEAD /v2/app/blobs/" + digest,
            "POST " + UPLOADS,
            "PUT /upload?state=a&digest=" + digest),
        registry.requests());
  }

  @Test
  void mountedBlobIsNotSent() throws Exception {
    registry.trick(UPLOADS, this::take);
    push("other");
    assertEquals(
        List.of(
            "HEAD /v2/app/blobs/" + digest, "POST " + UPLOADS + "?mount=" + digest + "&from=other"),
        registry.requests());
  }

  @Test
  void blobThatIsNotMountedGoesToThePlaceThatIsOffered() throws Exception {
    opensPlace();
    registry.trick("/upload", this::take);
    push("other");
    assertArrayEquals(BLOB, received);
    assertEquals("PUT /upload?state=a&digest=" + digest, registry.requests().getLast());
    assertEquals(3, registry.requests().size());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405})
  void refusedMountIsAnOrdinaryUpload(int status) throws Exception {
    registry.trick(UPLOADS, TestRegistry.failing(status, "DENIED", "no"));
    opensPlace();
    registry.trick("/upload", this::take);
    push("other");
    assertArrayEquals(BLOB, received);
    assertEquals(
        List.of(
            "HEAD /v2/app/blobs/" + digest,
            "POST " + UPLOADS + "?mount=" + digest + "&from=other",
            "POST " + UPLOADS,
            "PUT /upload?state=a&digest=" + digest),
        registry.requests());
  }

  @Test
  void aBlobThatIsNamedTwiceIsAskedForOnce() throws Exception {
    var blobs = new ArrayList<RegistryPush.Blob>();
    for (byte each : new byte[] {5, 1, 4, 5, 2}) {
      byte[] content = {each};
      registry.blob("app", content);
      var blob = new Descriptor(MediaType.OCI_LAYER, fixture.store.put(content), 1);
      blobs.add(new RegistryPush.Blob(blob, null, null));
    }
    opened().blobs(fixture.repository("app"), blobs, fixture);
    assertEquals(
        blobs.stream().map(each -> each.descriptor().digest().hex()).distinct().sorted().toList(),
        registry.requests().stream().map(each -> each.replaceFirst(".*:", "")).sorted().toList());
  }

  @Test
  void aTagThatStandsForTheManifestIsNotSetAgain() throws Exception {
    registry.manifest("app", "1", RegistryFixture.OCI_MANIFEST, "{}");
    pushManifest("1");
    assertEquals(List.of("HEAD " + MANIFEST), registry.requests());
  }

  @Test
  void aTagThatStandsForAnotherManifestIsSet() throws Exception {
    registry.manifest("app", "1", RegistryFixture.OCI_MANIFEST, "{\"old\":1}");
    registry.trick(MANIFEST, exchange -> false);
    registry.trick(MANIFEST, this::take);
    pushManifest("1");
    assertEquals("{}", new String(received, StandardCharsets.UTF_8));
    assertEquals(List.of("HEAD " + MANIFEST, "PUT " + MANIFEST), registry.requests());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 403, 404, 405, 406, 415})
  void anAnswerToHeadThatSaysNothingIsFollowedByPut(int status) throws Exception {
    registry.trick(MANIFEST, TestRegistry.failing(status, "", ""));
    registry.trick(MANIFEST, this::take);
    pushManifest("1");
    assertEquals("{}", new String(received, StandardCharsets.UTF_8));
  }

  @Test
  void brokenUploadStartsAtANewPlace() throws Exception {
    opensPlace();
    opensPlace();
    registry.trick("/upload", TestRegistry.failing(500, "UNKNOWN", "disk"));
    registry.trick("/upload", this::take);
    push("");
    assertArrayEquals(BLOB, received);
    assertEquals(5, registry.requests().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | POST http://HOST/v2/app/blobs/uploads/: 403 DENIED: no; this user may not push it:"
            + " ask for the right at 'HOST'",
        "413 | POST http://HOST/v2/app/blobs/uploads/: 413 DENIED: no; too large for 'HOST': raise"
            + " the limit there or of its proxy",
      })
  void refusalIsToldInTheRegistrysWords(int status, String text) {
    registry.trick(UPLOADS, TestRegistry.failing(status, "DENIED", "no"));
    var failure = assertThrows(BuildException.class, () -> push(""));
    assertEquals(text, fixture.stable(failure.message()));
  }

  @Test
  void aRegistryThatNeverKeepsAnUploadIsGivenUp() {
    registry.gate(
        exchange ->
            switch (exchange.getRequestMethod()) {
              case "POST" -> {
                exchange.getResponseHeaders().set("Location", "/upload?state=a");
                exchange.sendResponseHeaders(202, -1);
                yield true;
              }
              case "PUT" -> TestRegistry.failing(500, "UNKNOWN", "disk").answer(exchange);
              default -> false;
            });
    var failure = assertThrows(BuildException.class, () -> push(""));
    assertEquals(
        "PUT http://HOST/upload: 500 UNKNOWN: disk",
        fixture.stable(failure.message()).replaceFirst("; .*", ""));
    assertTrue(registry.requests().size() < 12, registry.requests()::toString);
  }

  @Test
  void aPlaceThatIsNotToldIsNamed() {
    registry.trick(
        UPLOADS,
        exchange -> {
          exchange.sendResponseHeaders(202, -1);
          return true;
        });
    var failure = assertThrows(BuildException.class, () -> push(""));
    assertEquals(
        "POST http://HOST/v2/app/blobs/uploads/: redirected to '', which is no http or https URL",
        fixture.stable(failure.message()));
  }

  /** Pushes with a password to a registry that is called so and sends the blob elsewhere. */
  private void pushGuarded(String called, String place) throws InterruptedException {
    registry.gate(
        exchange ->
            !exchange.getRequestURI().getPath().equals("/upload")
                && TestRegistry.basicAuth(BASIC).answer(exchange));
    registry.trick(
        UPLOADS,
        exchange -> {
          exchange.getResponseHeaders().set("Location", place);
          exchange.sendResponseHeaders(202, -1);
          return true;
        });
    var blob = new Descriptor(MediaType.OCI_LAYER_GZIP, digest, BLOB.length);
    opened(host -> Optional.of(new Credentials.Login("u", "p")))
        .blobs(
            new Repository(called, "app"),
            List.of(new RegistryPush.Blob(blob, null, null)),
            fixture);
  }

  private static String shown(TestRegistry asked) {
    return asked.seen().stream()
        .filter(each -> each.request().startsWith("PUT"))
        .map(each -> each.request().replaceFirst("\\?.*", " ") + each.authorization())
        .collect(Collectors.joining("; "));
  }

  @Test
  void aPlaceAtAnotherHostGetsNoSecrets() throws Exception {
    try (var other = new RegistryFixture()) {
      other.registry.trick("/upload", this::take);
      pushGuarded(registry.host(), "http://" + other.registry.host() + "/upload");
      assertArrayEquals(BLOB, received);
      assertEquals("PUT /upload ", shown(other.registry));
    }
  }

  @Test
  void aPlaceAtTheSameHostGetsTheLogin() throws Exception {
    registry.trick("/upload", this::take);
    pushGuarded(registry.host(), registry.url() + "/upload");
    assertEquals("PUT /upload " + BASIC, shown(registry));
  }

  @Test
  void aPlaceAtTheSameHostInOtherLettersGetsTheLogin() throws Exception {
    registry.trick("/upload", this::take);
    String port = registry.host().replaceFirst(".*:", ":");
    pushGuarded("localhost" + port, "HTTP://LocalHost" + port + "/upload");
    assertArrayEquals(BLOB, received);
    assertEquals("PUT /upload " + BASIC, shown(registry));
  }

  private static TestRegistry.Trick saying(int status, String json) {
    return exchange ->
        TestRegistry.send(
            exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private String refusedManifest(TestRegistry.Trick answer) {
    registry.trick(MANIFEST, TestRegistry.failing(404, "MANIFEST_UNKNOWN", "none"));
    registry.trick(MANIFEST, answer);
    var failure = assertThrows(BuildException.class, () -> pushManifest("1"));
    return failure.code() + " " + fixture.stable(failure.message());
  }

  @Test
  void aRefusedManifestIsToldInTheRegistrysWordsAlone() {
    assertEquals(
        "FAILED PUT http://HOST/v2/app/manifests/1: 400 MANIFEST_INVALID: no config",
        refusedManifest(TestRegistry.failing(400, "MANIFEST_INVALID", "no config")));
  }

  @Test
  void theDetailOfARefusalIsToldWhenItIsAText() {
    String error = "{'errors':[{'code':'MANIFEST_BLOB_UNKNOWN','message':'unknown','detail':%s}]}";
    assertEquals(
        "FAILED PUT http://HOST/v2/app/manifests/1: 400 MANIFEST_BLOB_UNKNOWN: unknown (sha256:1)",
        refusedManifest(saying(400, error.formatted("'sha256:1'").replace('\'', '"'))));
    assertEquals(
        "FAILED PUT http://HOST/v2/app/manifests/1: 400 MANIFEST_BLOB_UNKNOWN: unknown",
        refusedManifest(saying(400, error.formatted("{'a':'b'}").replace('\'', '"'))));
  }

  @Test
  void aManifestOfUnknownBlobsDoesNotBlameTheRepository() {
    assertEquals(
        "NOT_FOUND PUT http://HOST/v2/app/manifests/1: 404 MANIFEST_BLOB_UNKNOWN: no blob",
        refusedManifest(TestRegistry.failing(404, "MANIFEST_BLOB_UNKNOWN", "no blob")));
    assertEquals(
        "NOT_FOUND PUT http://HOST/v2/app/manifests/1: 404 NAME_UNKNOWN: no app; no such"
            + " repository: check its name, or create it at the registry",
        refusedManifest(TestRegistry.failing(404, "NAME_UNKNOWN", "no app")));
  }

  @Test
  void whoDoesNotSpeakLikeARegistryIsDoubted() {
    assertEquals(
        "UNAVAILABLE PUT http://HOST/v2/app/manifests/1: 400; want a success: is this host a"
            + " registry?",
        refusedManifest(saying(400, "<html>")));
  }
}
