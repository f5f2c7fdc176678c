package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlobPullTest {
  private static final byte[] BLOB = blob();

  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;
  private final Digest digest = registry.blob("app", BLOB);
  private final String path = "/v2/app/blobs/" + digest;

  BlobPullTest() throws IOException {}

  private static byte[] blob() {
    var bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void pull() throws IOException, InterruptedException {
    fixture.client().pull(fixture.repository("app"), digest, BLOB.length, fixture.store, fixture);
  }

  private BuildException failure() {
    return assertThrows(BuildException.class, this::pull);
  }

  @Test
  void pulledBlobIsStoredWhole() throws Exception {
    pull();
    assertArrayEquals(BLOB, fixture.store.bytes(digest));
    assertEquals(digest + " 300000/300000 done", fixture.statuses.getLast());
  }

  @Test
  void presentBlobIsNotPulledAgain() throws Exception {
    fixture.store.put(BLOB);
    pull();
    assertEquals(List.of(), registry.requests());
  }

  @Test
  void brokenPullGoesOnWhereItStopped() throws Exception {
    registry.trick(path, TestRegistry.truncated(BLOB, 100_000));
    pull();
    assertArrayEquals(BLOB, fixture.store.bytes(digest));
    assertEquals(
        List.of("", "bytes=100000-"),
        registry.seen().stream().map(TestRegistry.Seen::range).toList());
    assertEquals(List.of(1_000L), fixture.pauses);
  }

  @Test
  void wholeAnswerToARangeStartsOver() throws Exception {
    registry.trick(path, TestRegistry.truncated(BLOB, 100_000));
    registry.trick(path, TestRegistry.lying("application/octet-stream", BLOB));
    pull();
    assertArrayEquals(BLOB, fixture.store.bytes(digest));
  }

  @Test
  void refusedRangeStartsOver() throws Exception {
    registry.trick(path, TestRegistry.truncated(BLOB, 100_000));
    registry.trick(path, TestRegistry.failing(416, "RANGE_INVALID", ""));
    pull();
    assertArrayEquals(BLOB, fixture.store.bytes(digest));
  }

  @Test
  void blobThatStaysTruncatedFailsAndLeavesNothing() {
    for (int i = 0; i < 8; i++) {
      registry.trick(path, TestRegistry.truncated(BLOB, 10));
    }
    BuildException failure = failure();
    assertEquals(Code.UNAVAILABLE, failure.code());
    assertTrue(
        failure.message().startsWith("GET " + registry.url() + path + ": connection broke ("),
        failure.message());
    assertEquals(List.of(1_000L, 2_000L, 4_000L), fixture.pauses);
    assertTrue(fixture.store.isEmpty());
  }

  @Test
  void otherBytesOfTheSameSizeAreALie() {
    byte[] other = BLOB.clone();
    other[5]++;
    registry.trick(path, TestRegistry.lying("application/octet-stream", other));
    BuildException failure = failure();
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "registry 'HOST', repository 'app': blob has digest "
            + Digest.of(other)
            + ", want "
            + digest
            + ": the image is damaged, or the registry lies",
        fixture.stable(failure.message()));
    assertTrue(fixture.store.isEmpty());
  }

  @Test
  void shorterBlobThanPromisedIsALie() {
    registry.trick(path, TestRegistry.lying("application/octet-stream", new byte[10]));
    BuildException failure = failure();
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "GET http://HOST"
            + path
            + ": the blob has 10 bytes, its manifest says 300000: the image is damaged, or the"
            + " registry lies",
        fixture.stable(failure.message()));
    assertTrue(fixture.store.isEmpty());
  }

  @Test
  void endlessBlobIsCutOffAtItsSize() {
    registry.trick(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(BLOB);
          }
          return true;
        });
    BuildException failure = failure();
    assertEquals(Code.DATA_LOSS, failure.code());
    assertTrue(
        failure
            .message()
            .endsWith(
                "bytes, its manifest says 300000: the image is damaged, or the registry lies"),
        failure.message());
    assertTrue(fixture.store.isEmpty());
  }

  @Test
  void missingBlobIsNotFound() {
    registry.trick(path, TestRegistry.failing(404, "BLOB_UNKNOWN", "blob unknown to registry"));
    BuildException failure = failure();
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        "GET http://HOST"
            + path
            + ": 404 BLOB_UNKNOWN: blob unknown to registry; no such image or blob: check its name,"
            + " tag and digest",
        fixture.stable(failure.message()));
  }

  @Test
  void unavailableRegistryIsAskedAgainAtOnceThenLater() throws Exception {
    registry.trick(path, TestRegistry.failing(503, "", ""));
    registry.trick(path, TestRegistry.failing(503, "", ""));
    pull();
    assertEquals(
        List.of(
            "GET http://HOST" + path + ": answered with status 503, trying again",
            "GET http://HOST" + path + ": answered with status 503, trying again in 1 s"),
        fixture.notes);
  }

  @Test
  void brokenRegistryIsGivenUpAfterFiveTries() {
    for (int i = 0; i < 9; i++) {
      registry.trick(path, TestRegistry.failing(500, "INTERNAL", "boom"));
    }
    BuildException failure = failure();
    assertEquals(Code.UNAVAILABLE, failure.code());
    assertEquals(
        "GET http://HOST"
            + path
            + ": 500 INTERNAL: boom; the registry is in trouble: try again later",
        fixture.stable(failure.message()));
    assertEquals(5, registry.requests().size());
  }

  @Test
  void tooManyRequestsAreRepeatedWhenTheRegistrySays() throws Exception {
    registry.trick(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "3");
          return TestRegistry.send(exchange, 429, "text/plain", new byte[0]);
        });
    pull();
    assertEquals(List.of(3_000L), fixture.pauses);
  }

  @Test
  void redirectToAnotherServerCarriesNoLogin() throws Exception {
    try (var other = new TestRegistry()) {
      other.blob("storage", BLOB);
      registry.gate(TestRegistry.basicAuth("Basic dTpw"));
      registry.trick(path, exchange -> false); // the 401 takes one
      registry.trick(
          path,
          TestRegistry.redirect(other.url() + "/v2/storage/blobs/" + digest + "?signature=x"));
      var login = new dev.jbuild.session.Credentials.Login("u", "p");
      fixture
          .client(host -> java.util.Optional.of(login))
          .pull(fixture.repository("app"), digest, BLOB.length, fixture.store, fixture);
      assertEquals(
          List.of(""), other.seen().stream().map(TestRegistry.Seen::authorization).toList());
    }
    assertArrayEquals(BLOB, fixture.store.bytes(digest));
  }

  @Test
  void endlessRedirectsAreGivenUp() {
    for (int i = 0; i < 9; i++) {
      registry.trick(path, TestRegistry.redirect(path));
    }
    assertEquals(
        "GET http://HOST" + path + ": redirected more than 5 times: is this host a registry?",
        fixture.stable(failure().message()));
  }

  @Test
  void redirectToAFileIsRefused() {
    registry.trick(path, TestRegistry.redirect("file:///etc/passwd"));
    assertEquals(
        "GET http://HOST"
            + path
            + ": redirected to 'file:///etc/passwd', which is no http or https URL",
        fixture.stable(failure().message()));
  }

  @Test
  void fullDiskIsNotTheRegistrysFault() {
    var full = new MemoryStore(1_000);
    IOException failure =
        assertThrows(
            IOException.class,
            () ->
                fixture
                    .client()
                    .pull(fixture.repository("app"), digest, BLOB.length, full, fixture));
    assertEquals(
        "blob " + digest + " cannot be stored: No space left on device", failure.getMessage());
    assertTrue(full.isEmpty());
    assertEquals(1, registry.requests().size());
  }

  @Test
  void interruptionEndsThePull() throws Exception {
    registry.trick(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, BLOB.length);
          exchange.getResponseBody().write(BLOB, 0, 1_000);
          exchange.getResponseBody().flush();
          sent.countDown();
          awaitEnd();
          return true;
        });
    var caught = new java.util.concurrent.CompletableFuture<Throwable>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pull();
                    caught.complete(new AssertionError("it ended well"));
                  } catch (Throwable e) {
                    caught.complete(e);
                  }
                });
    assertTrue(sent.await(10, java.util.concurrent.TimeUnit.SECONDS));
    thread.interrupt();
    Throwable end = caught.get(10, java.util.concurrent.TimeUnit.SECONDS);
    over.countDown();
    assertTrue(end instanceof InterruptedException, String.valueOf(end));
    assertTrue(fixture.store.isEmpty());
  }

  private final java.util.concurrent.CountDownLatch sent =
      new java.util.concurrent.CountDownLatch(1);
  private final java.util.concurrent.CountDownLatch over =
      new java.util.concurrent.CountDownLatch(1);

  private void awaitEnd() {
    try {
      assertTrue(over.await(20, java.util.concurrent.TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
