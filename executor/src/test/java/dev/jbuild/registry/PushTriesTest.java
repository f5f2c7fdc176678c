package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a push does when a registry is busy, in trouble, or gone in the middle. */
class PushTriesTest {
  private static final String PLACE = "/upload";
  private static final byte[] BLOB = blob();

  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;
  private final Digest digest = fixture.store.put(BLOB);
  private byte[] received = {};

  PushTriesTest() throws IOException {
    registry.gate(
        exchange -> {
          boolean asksForAPlace = exchange.getRequestMethod().equals("POST");
          if (asksForAPlace) {
            exchange.getResponseHeaders().set("Location", PLACE);
            exchange.sendResponseHeaders(202, -1);
          }
          return asksForAPlace;
        });
  }

  /** Larger than all buffers on the way. */
  private static byte[] blob() {
    var bytes = new byte[16 << 20];
    new Random(11).nextBytes(bytes);
    return bytes;
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void push() throws InterruptedException {
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, BLOB.length);
    new RegistryPush(
            fixture.http,
            RegistryConfig.DEFAULT,
            false,
            RegistryFixture.NOBODY,
            fixture.store,
            Clock.systemUTC(),
            fixture.pauses::add)
        .blobs(
            fixture.repository("app"), List.of(new RegistryPush.Blob(blob, null, null)), fixture);
  }

  private String failure() {
    return fixture.stable(assertThrows(BuildException.class, this::push).message());
  }

  private boolean take(HttpExchange exchange) throws IOException {
    received = exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(201, -1);
    return true;
  }

  private static TestRegistry.Trick busy(String seconds) {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Retry-After", seconds);
      return TestRegistry.failing(429, "TOOMANYREQUESTS", "slow down").answer(exchange);
    };
  }

  private static TestRegistry.Trick troubled(int status) {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      return TestRegistry.failing(status, "UNKNOWN", "disk").answer(exchange);
    };
  }

  /** Reads some of the body, then hangs up. */
  private static TestRegistry.Trick hangingUp() {
    return exchange -> {
      assertEquals(100_000, exchange.getRequestBody().readNBytes(100_000).length);
      exchange.close();
      return true;
    };
  }

  private long sent(String method) {
    return registry.requests().stream().filter(each -> each.startsWith(method)).count();
  }

  @Test
  void aBusyRegistryIsAskedAgainWhenItSays() throws Exception {
    registry.trick(PLACE, busy("3"));
    registry.trick(PLACE, this::take);
    push();
    assertArrayEquals(BLOB, received);
    assertEquals(List.of(3_000L), fixture.pauses);
    assertEquals(
        List.of("PUT http://HOST/upload: answered with status 429, trying again in 3 s"),
        fixture.notes);
  }

  @Test
  void aBusyRegistryMayNameATime() throws Exception {
    registry.trick(PLACE, busy("Fri, 31 Dec 9999 23:59:59 GMT"));
    registry.trick(PLACE, busy("Sun, 06 Nov 1994 08:49:37 GMT"));
    registry.trick(PLACE, this::take);
    push();
    assertArrayEquals(BLOB, received);
    assertEquals(List.of(10_000L), fixture.pauses);
  }

  @Test
  void aTimeCountsFromTheRegistrysOwn() {
    String now = "Sun, 06 Nov 1994 08:49:37 GMT";
    assertEquals(4, Retries.secondsToWait("Sun, 06 Nov 1994 08:49:41 GMT", now));
    assertEquals(2, Retries.secondsToWait("Sunday, 06-Nov-94 08:49:39 GMT", now));
    assertEquals(0, Retries.secondsToWait("Sun, 06 Nov 1994 08:49:30 GMT", now));
    assertEquals(1, Retries.secondsToWait("Sun, 06 Nov 1994 08:49:41 GMT", ""));
    assertEquals(7, Retries.secondsToWait("7", now));
    assertEquals(0, Retries.secondsToWait("soon", now));
  }

  @Test
  void nobodyWaitsLongForABusyRegistry() throws Exception {
    registry.trick(PLACE, busy("86400"));
    registry.trick(PLACE, this::take);
    push();
    assertEquals(List.of(10_000L), fixture.pauses);
  }

  @Test
  void aRegistryThatStaysBusyIsGivenUp() {
    for (int i = 0; i < 9; i++) {
      registry.trick(PLACE, busy("1"));
    }
    assertEquals(
        "PUT http://HOST/upload: 429 TOOMANYREQUESTS: slow down; 'HOST' limits requests: wait or"
            + " log in",
        failure());
    assertEquals(List.of(1_000L, 1_000L, 1_000L, 1_000L), fixture.pauses);
    assertEquals(5, sent("PUT"));
  }

  @Test
  void aRegistryInTroubleGetsTheBlobAtANewPlace() throws Exception {
    registry.trick(PLACE, troubled(503));
    registry.trick(PLACE, troubled(502));
    registry.trick(PLACE, this::take);
    push();
    assertArrayEquals(BLOB, received);
    assertEquals(3, sent("POST"));
    assertEquals(List.of(1_000L), fixture.pauses);
  }

  @Test
  void aRegistryThatStaysInTroubleIsGivenUp() {
    for (int i = 0; i < 9; i++) {
      registry.trick(PLACE, troubled(500));
    }
    assertEquals(
        "PUT http://HOST/upload: 500 UNKNOWN: disk; the registry is in trouble: try again later",
        failure());
    assertEquals(List.of(1_000L, 2_000L, 4_000L), fixture.pauses);
    assertEquals(5, sent("PUT"));
    assertEquals(5, sent("POST"));
  }

  @Test
  void placesAndBlobsShareTheirTries() {
    registry.gate(
        exchange -> {
          if (!exchange.getRequestMethod().equals("POST")) {
            return false;
          }
          boolean offers = sent("POST") % 2 == 0;
          if (offers) {
            exchange.getResponseHeaders().set("Location", PLACE);
            exchange.sendResponseHeaders(202, -1);
            return true;
          }
          return troubled(500).answer(exchange);
        });
    for (int i = 0; i < 9; i++) {
      registry.trick(PLACE, troubled(500));
    }
    assertEquals(
        "POST http://HOST/v2/app/blobs/uploads/: 500 UNKNOWN: disk; the registry is in trouble: try"
            + " again later",
        failure());
    assertEquals(5, sent("POST"));
    assertEquals(2, sent("PUT"));
  }

  @Test
  void aConnectionThatIsLostMidwayStartsTheBlobAnew() throws Exception {
    registry.trick(PLACE, hangingUp());
    registry.trick(PLACE, this::take);
    push();
    assertArrayEquals(BLOB, received);
    assertEquals(2, sent("POST"));
    assertEquals(List.of(1_000L), fixture.pauses);
  }

  @Test
  void connectionsThatAreAlwaysLostAreGivenUp() {
    for (int i = 0; i < 9; i++) {
      registry.trick(PLACE, hangingUp());
    }
    assertEquals(
        "PUT http://HOST/upload: connection broke (WHY): try again",
        failure().replaceFirst("\\(.*\\)", "(WHY)"));
    assertEquals(List.of(1_000L, 2_000L, 4_000L), fixture.pauses);
    assertEquals(4, sent("PUT"));
  }

  @Test
  void aRefusalIsNotTriedAgain() {
    registry.trick(
        PLACE,
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          return TestRegistry.failing(400, "DIGEST_INVALID", "other bytes").answer(exchange);
        });
    assertEquals("PUT http://HOST/upload: 400 DIGEST_INVALID: other bytes", failure());
    assertEquals(1, sent("PUT"));
    assertTrue(fixture.pauses.isEmpty());
  }

  @Test
  void aRefusalIsHeardWhileTheBlobIsStillBeingSent() {
    registry.trick(
        PLACE,
        exchange -> {
          TestRegistry.failing(413, "SIZE_INVALID", "too much").answer(exchange);
          exchange.getResponseBody().flush();
          exchange.getRequestBody().readAllBytes(); // as proxies do, so that the answer arrives
          return true;
        });
    assertEquals(
        "PUT http://HOST/upload: 413 SIZE_INVALID: too much; too large for 'HOST': raise the limit"
            + " there or of its proxy",
        failure());
    assertEquals(1, sent("PUT"));
  }

  @Test
  void aBlobThatWasRemovedMeanwhileIsNamed() throws Exception {
    var gone = new Descriptor(MediaType.OCI_LAYER, Digest.of(new byte[] {9}), 1);
    var push =
        new RegistryPush(
            fixture.http,
            RegistryConfig.DEFAULT,
            false,
            RegistryFixture.NOBODY,
            fixture.store,
            Clock.systemUTC(),
            fixture.pauses::add);
    var failure =
        assertThrows(
            BuildException.class,
            () ->
                push.blobs(
                    fixture.repository("app"),
                    List.of(new RegistryPush.Blob(gone, null, null)),
                    fixture));
    assertEquals(
        "blob " + gone.digest() + " is no longer in the store, it was removed meanwhile",
        failure.message());
    assertEquals(0, sent("PUT"));
  }
}
