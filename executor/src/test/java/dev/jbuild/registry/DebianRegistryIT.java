package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The client against a registry that others wrote. */
@Tag("root")
class DebianRegistryIT {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path directory;

  private final LayoutFixture.Image image = LayoutFixture.image(AMD64, "a", "b");
  private final MemoryStore store = new MemoryStore();
  private final Http http = new Http();

  private DebianRegistry registry;

  @BeforeEach
  void start() throws Exception {
    registry = DebianRegistry.start(directory);
    Path layout = directory.resolve("layout");
    LayoutFixture.write(layout, "1", image);
    DebianRegistry.skopeo(
        "copy",
        "--insecure-policy",
        "--dest-tls-verify=false",
        "oci:" + layout + ":1",
        "docker://" + registry.host() + "/team/app:1");
  }

  @AfterEach
  void stop() {
    http.close();
    if (registry != null) {
      registry.close();
    }
  }

  private RegistryClient client(RegistryConfig config) {
    return new RegistryClient(http, config, RegistryFixture.NOBODY, Clock.systemUTC(), Pause.REAL);
  }

  private Repository repository() {
    return new Repository(registry.host(), "team/app");
  }

  @Test
  void tagResolvesAndAllBlobsComeOver() throws Exception {
    RegistryClient client = client(RegistryConfig.DEFAULT);
    Resolved resolved = client.resolveTag(repository(), "1", TransferProgress.NONE);
    assertEquals(image.manifest().digest(), resolved.digest());
    Document document = client.document(repository(), resolved.digest(), TransferProgress.NONE);
    Manifest manifest = DocumentJson.readManifest(document.body());
    for (Descriptor layer : manifest.layers()) {
      client.pull(repository(), layer.digest(), layer.sizeBytes(), store, TransferProgress.NONE);
    }
    assertEquals(2, store.count());
  }

  @Test
  void blobsComeOverByTheirDigestAloneAndManifestsToo() throws Exception {
    for (Digest digest : image.blobs().keySet()) {
      client(RegistryConfig.DEFAULT).pull(repository(), digest, store, TransferProgress.NONE);
      assertEquals(image.blobs().get(digest).size(), store.size(digest).orElse(-1));
    }
    assertEquals(4, store.count());
  }

  @Test
  void aBlobThatIsNotThereIsNotFound() {
    Digest missing = Digest.of(new byte[] {1});
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                client(RegistryConfig.DEFAULT)
                    .pull(repository(), missing, store, TransferProgress.NONE));
    assertEquals(Code.NOT_FOUND, failure.code(), failure.message());
  }

  @Test
  void missingTagIsNotFound() {
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                client(RegistryConfig.DEFAULT)
                    .resolveTag(repository(), "2", TransferProgress.NONE));
    assertEquals(
        "HEAD http://HOST/v2/team/app/manifests/2: 404; no such image or blob: check its name, tag"
            + " and digest",
        failure.message().replace(registry.host(), "HOST"));
  }

  @Test
  void insecureHostThatSpeaksNoTlsIsAskedInClear() throws Exception {
    var config =
        RegistryFixture.config(registry.host(), new HostConfig(false, true, null, List.of()));
    assertEquals(
        image.manifest().digest(),
        client(config).resolveTag(repository(), "1", TransferProgress.NONE).digest());
  }

  /** Pushes a blob; gives what the user was told meanwhile. */
  private List<String> push(RegistryConfig config, boolean insecure) throws InterruptedException {
    var notes = Collections.synchronizedList(new ArrayList<String>());
    var blobs = new ArrayList<RegistryPush.Blob>();
    for (String content : List.of("1", "2", "3", "4", "5")) {
      Bytes bytes = Bytes.utf8(content);
      Descriptor descriptor = Descriptor.of(MediaType.OCI_LAYER, bytes);
      blobs.add(new RegistryPush.Blob(descriptor, bytes, null));
    }
    new RegistryPush(
            http, config, insecure, RegistryFixture.NOBODY, store, Clock.systemUTC(), Pause.REAL)
        .blobs(repository(), blobs, notedIn(notes));
    return notes;
  }

  private TransferProgress notedIn(List<String> notes) {
    return new TransferProgress() {
      @Override
      public void status(String id, long currentBytes, long totalBytes, boolean done) {}

      @Override
      public void note(String line) {
        notes.add(line.replace(registry.host(), "HOST"));
      }
    };
  }

  @Test
  void insecurePushGoesOverToHttpOnceForAll() throws Exception {
    assertEquals(
        List.of("HOST: does not speak TLS, going on with plain http"),
        push(RegistryConfig.DEFAULT, true));
    client(RegistryConfig.DEFAULT)
        .pull(repository(), Bytes.utf8("3").digest(), 1, store, TransferProgress.NONE);
    assertEquals(1, store.count());
  }

  @Test
  void pushThatIsNotInsecureStaysWithTls() {
    var config =
        RegistryFixture.config(registry.host(), new HostConfig(false, false, null, List.of()));
    var failure = assertThrows(BuildException.class, () -> push(config, false));
    assertEquals(
        "HEAD https://HOST/v2/team/app/blobs/sha256:HASH: no trusted TLS connection (WHY):"
            + " configure 'ca', 'http' or 'insecure' for 'HOST'",
        failure
            .message()
            .replace(registry.host(), "HOST")
            .replaceFirst("[0-9a-f]{64}", "HASH")
            .replaceFirst("\\(.*\\)", "(WHY)"));
  }
}
