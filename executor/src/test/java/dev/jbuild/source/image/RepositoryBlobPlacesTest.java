package dev.jbuild.source.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.TestRegistry;
import dev.jbuild.source.blob.BlobPlaces;
import dev.jbuild.source.blob.BlobSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepositoryBlobPlacesTest extends BlobSourceContract {
  private final TestRegistry registry = new TestRegistry();
  private final Http http = new Http();

  RepositoryBlobPlacesTest() throws IOException {}

  @AfterEach
  void close() {
    http.close();
    registry.close();
  }

  @Override
  protected BlobPlaces places() {
    return new RepositoryBlobPlaces(
        new RegistryClient(
            http,
            RegistryConfig.DEFAULT,
            host -> Optional.empty(),
            Clock.systemUTC(),
            millis -> {}));
  }

  @Override
  protected void publish(Bytes blob) {
    registry.blob("team/app", blob.toArray());
  }

  @Override
  protected void damage(Digest digest) {
    var lie = TestRegistry.lying("application/octet-stream", new byte[] {1, 2, 3, 4, 5});
    registry.gate(
        exchange ->
            exchange.getRequestURI().getPath().endsWith("/blobs/" + digest)
                && lie.answer(exchange));
  }

  @Override
  protected String place() {
    return registry.host() + "/team/app";
  }

  @Test
  void aManifestIsABlobAsWell() throws Exception {
    String json = "{\"schemaVersion\":2}";
    Digest digest = registry.manifest("team/app", "", MediaType.OCI_MANIFEST.value(), json);
    assertEquals(json, Files.readString(brought(digest)));
  }

  @Test
  void aBlobThatIsKnownIsAskedForTwice() throws Exception {
    Bytes blob = Bytes.utf8("hello");
    publish(blob);
    brought(blob.digest());
    String path = " /v2/team/app/blobs/" + blob.digest();
    assertEquals(List.of("HEAD" + path, "GET" + path), registry.requests());
  }

  @Test
  void aTagAloneNamesNoBlob() {
    assertEquals(
        "'docker-image+blob://alpine:3': a blob is named by its digest, want"
            + " 'docker-image+blob://REPOSITORY@sha256:...'",
        refusal("docker-image+blob://alpine:3"));
  }
}
