package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Pushes to a registry that others wrote, which wants signed tokens. */
@Tag("root")
class TokenRegistryIT implements TransferProgress {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");
  private static final Credentials USER = host -> Optional.of(new Credentials.Login("u", "p"));

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path directory;

  private final LayoutFixture.Image image = LayoutFixture.image(AMD64, "a", "b");
  private final MemoryStore store = new MemoryStore();
  private final List<String> statuses = Collections.synchronizedList(new ArrayList<>());
  private final Http http = new Http();
  private final TestRegistry realm = new TestRegistry();

  private SelfMadeCertificate certificate;
  private TokenServer tokens;
  private DebianRegistry registry;

  TokenRegistryIT() throws IOException {}

  @BeforeEach
  void start() throws Exception {
    certificate = SelfMadeCertificate.in(directory);
    tokens = new TokenServer(TokenServer.signing(certificate));
    realm.gate(tokens);
    Path bundle = Files.writeString(directory.resolve("ca.pem"), certificate.certificatePem());
    registry =
        DebianRegistry.start(
            directory,
            "auth: {token: {realm: \"%s/token\", service: \"%s\", issuer: \"%s\", rootcertbundle: \"%s\"}}"
                .formatted(realm.url(), TokenServer.SERVICE, TokenServer.ISSUER, bundle),
            "");
    image.blobs().values().forEach(blob -> store.put(blob.toArray()));
  }

  @AfterEach
  void stop() {
    http.close();
    realm.close();
    if (registry != null) { // null when the test is skipped
      registry.close();
    }
  }

  @Override
  public void status(String id, long currentBytes, long totalBytes, boolean done) {
    statuses.add(currentBytes + (done ? " done" : ""));
  }

  @Override
  public void note(String line) {}

  private RegistryPush opened() {
    return new RegistryPush(
        http, RegistryConfig.DEFAULT, false, USER, store, Clock.systemUTC(), Pause.REAL);
  }

  private Repository repository(String path) {
    return new Repository(registry.host(), path);
  }

  private Bytes manifestJson() {
    return image.blobs().getOrDefault(image.manifest().digest(), Bytes.utf8(""));
  }

  /** All of the image, under the tag {@code 1}. */
  private void push(RegistryPush push, String path, String mountFrom) throws Exception {
    Manifest manifest = DocumentJson.readManifest(manifestJson());
    Repository from = mountFrom.isEmpty() ? null : repository(mountFrom);
    var blobs = new ArrayList<RegistryPush.Blob>();
    for (Descriptor layer : manifest.layers()) {
      blobs.add(new RegistryPush.Blob(layer, null, from));
    }
    blobs.add(new RegistryPush.Blob(manifest.config(), image.configJson(), from));
    push.blobs(repository(path), blobs, this);
    manifest(push, path);
  }

  private void manifest(RegistryPush push, String path) throws InterruptedException {
    push.document(repository(path), "1", image.manifest(), manifestJson(), this);
  }

  private void assertThere(String path) throws Exception {
    var client =
        new RegistryClient(http, RegistryConfig.DEFAULT, USER, Clock.systemUTC(), Pause.REAL);
    assertEquals(
        image.manifest().digest(),
        client.resolveTag(repository(path), "1", TransferProgress.NONE).digest());
    var pulled = new MemoryStore();
    for (Descriptor layer : DocumentJson.readManifest(manifestJson()).layers()) {
      client.pull(repository(path), layer.digest(), layer.sizeBytes(), pulled, this);
    }
    assertEquals(2, pulled.count());
  }

  @Test
  void anImageIsPushedWithOneToken() throws Exception {
    push(opened(), "team/app", "");
    assertEquals(List.of("repository:team/app:pull,push"), tokens.asked);
    assertThere("team/app");
  }

  @Test
  void blobsAreMountedWithTheRightToReadBoth() throws Exception {
    push(opened(), "team/base", "");
    tokens.asked.clear();
    statuses.clear();
    push(opened(), "app", "team/base");
    assertEquals(
        List.of("repository:app:pull,push", "repository:app:pull,push repository:team/base:pull"),
        tokens.asked);
    assertEquals(3, statuses.stream().filter(each -> each.endsWith("done")).count());
    assertEquals(3, statuses.stream().filter(each -> each.equals("0")).count());
    assertEquals(6, statuses.size(), "no bytes are sent: " + statuses);
    assertThere("app");
  }

  @Test
  void whoMayNotReadTheBaseSendsItsBlobs() throws Exception {
    push(opened(), "team/base", "");
    tokens.gives("repository:team/base:pull", "");
    statuses.clear();
    push(opened(), "app", "team/base");
    assertEquals(9, statuses.size(), "bytes are sent: " + statuses);
    assertThere("app");
  }

  @Test
  void whoMayOnlyReadIsRefused() throws Exception {
    tokens.gives("repository:app:pull,push", "repository:app:pull");
    RegistryPush push = opened();
    var failure = assertThrows(BuildException.class, () -> manifest(push, "app"));
    assertEquals(
        "PUT http://HOST/v2/app/manifests/1: 401 UNAUTHORIZED: authentication required; 'HOST'"
            + " refused the credentials or wants some: log in with 'docker login HOST', or check"
            + " the name, as registries hide what does not exist",
        failure.message().replace(registry.host(), "HOST"));
  }

  @Test
  void aManifestOfBlobsThatAreNotThereIsRefusedInTheRegistrysWords() {
    RegistryPush push = opened();
    var failure = assertThrows(BuildException.class, () -> manifest(push, "app"));
    assertEquals(
        "PUT http://HOST/v2/app/manifests/1: 400 MANIFEST_BLOB_UNKNOWN: blob unknown to registry",
        failure
            .message()
            .replace(registry.host(), "HOST")
            .replaceFirst(" \\(sha256:[0-9a-f]{64}\\)$", ""));
  }
}
