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
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code registry.insecure=true} and a certificate that cannot be verified. For a registry without
 * TLS see {@link DebianRegistryIT}: the JDK's server does not answer who begins with TLS.
 */
class InsecurePushTest {
  private static final byte[] BLOB = {1, 2, 3};

  @TempDir Path directory;

  private final RegistryFixture fixture = new RegistryFixture();
  private final Digest digest = fixture.store.put(BLOB);
  private byte[] received = {};

  InsecurePushTest() throws IOException {}

  @AfterEach
  void close() {
    fixture.close();
  }

  private void push(TestRegistry registry, RegistryConfig config, boolean insecure)
      throws InterruptedException {
    registry.gate(this::take);
    var blob = new Descriptor(MediaType.OCI_LAYER, digest, BLOB.length);
    new RegistryPush(
            fixture.http,
            config,
            insecure,
            RegistryFixture.NOBODY,
            fixture.store,
            Clock.systemUTC(),
            fixture.pauses::add)
        .blobs(
            new Repository(registry.host(), "app"),
            List.of(new RegistryPush.Blob(blob, null, null)),
            fixture);
  }

  private boolean take(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        exchange.getResponseHeaders().set("Location", "/upload");
        exchange.sendResponseHeaders(202, -1);
      }
      case "PUT" -> {
        received = exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(201, -1);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  @Test
  void aRegistryWithASelfMadeCertificateIsPushedTo() throws Exception {
    try (var registry = TestRegistry.speakingTls(SelfMadeCertificate.in(directory).server())) {
      push(registry, RegistryConfig.DEFAULT, true);
      assertArrayEquals(BLOB, received);
      assertEquals(List.of(), fixture.notes);
    }
  }

  @Test
  void withoutTheWordASelfMadeCertificateIsRefused() throws Exception {
    try (var registry = TestRegistry.speakingTls(SelfMadeCertificate.in(directory).server())) {
      var config =
          RegistryFixture.config(registry.host(), new HostConfig(false, false, null, List.of()));
      var failure = assertThrows(BuildException.class, () -> push(registry, config, false));
      assertEquals(
          "HEAD https://HOST/v2/app/blobs/"
              + digest
              + ": no trusted TLS connection (WHY): configure 'ca', 'http' or 'insecure' for 'HOST'",
          failure.message().replace(registry.host(), "HOST").replaceFirst("\\(.*\\)", "(WHY)"));
      assertEquals(List.of(), registry.requests());
    }
  }
}
