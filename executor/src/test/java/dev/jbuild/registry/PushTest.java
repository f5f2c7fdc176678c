package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PushTest {
  private static final byte[] BLOB = {1, 2, 3};
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

  private void push(String mountFrom) throws InterruptedException {
    var push =
        new RegistryPush(
            fixture.http,
            RegistryConfig.DEFAULT,
            false,
            RegistryFixture.NOBODY,
            fixture.store,
            Clock.systemUTC(),
            fixture.pauses::add);
    var blob = new Descriptor(MediaType.OCI_LAYER_GZIP, digest, BLOB.length);
    push.blobs(
        fixture.repository("app"), List.of(blob), mountFrom.isEmpty() ? null : mountFrom, fixture);
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
        "POST " + UPLOADS + "?mount=" + digest + "&from=other", registry.requests().getLast());
    assertEquals(2, registry.requests().size());
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
}
