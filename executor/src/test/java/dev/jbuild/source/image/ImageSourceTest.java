package dev.jbuild.source.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.LayoutFixture;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.TestRegistry;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Credentials;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.Located;
import dev.jbuild.source.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageSourceTest extends SourceContract {
  private final TestRegistry registry = new TestRegistry();
  private final Http http = new Http();
  private final MVStore mvStore = MVStore.open(null);
  private final ImageStore images = new ImageStore(mvStore);

  ImageSourceTest() throws IOException {}

  @AfterEach
  void close() {
    http.close();
    registry.close();
    mvStore.close();
  }

  private RegistryClient client(Credentials credentials) {
    return new RegistryClient(
        http, RegistryConfig.DEFAULT, credentials, Clock.systemUTC(), millis -> {});
  }

  @Override
  protected ImageSource create() {
    return create(host -> Optional.empty());
  }

  private ImageSource create(Credentials credentials) {
    var fetches =
        new LayerFetches(rig.content, new RegistryOrigins(client(host -> Optional.empty())));
    rig.fetchFrom(fetches);
    return new ImageSource(
        client(credentials), images, new ImageReader(rig.content), rig.catalog, fetches);
  }

  @Override
  protected String publish(LayoutFixture.Image image, String tag) {
    for (Map.Entry<Digest, Bytes> blob : image.blobs().entrySet()) {
      if (blob.getKey().equals(image.manifest().digest())) {
        registry.manifest(
            "team/app", tag, MediaType.OCI_MANIFEST.value(), blob.getValue().toUtf8());
      } else {
        registry.blob("team/app", blob.getValue().toArray());
      }
    }
    return "docker-image://" + name(tag);
  }

  private String name(String tag) {
    return registry.host() + "/team/app:" + tag;
  }

  @Override
  protected String pinned(LayoutFixture.Image image, String tag) {
    return "docker-image://" + name(tag) + "@" + image.manifest().digest();
  }

  @Override
  protected String missing() {
    return "docker-image://" + name("missing");
  }

  private long heads() {
    return registry.requests().stream().filter(r -> r.startsWith("HEAD")).count();
  }

  @Test
  void tagIsResolvedOnceAJob() throws Exception {
    String identifier = publish(LayoutFixture.image(AMD64, "a"), "1");
    ImageSource source = create();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<Located>>();
      for (int i = 0; i < 20; i++) {
        answers.add(
            threads.submit(
                () -> source.locate(request(identifier, Map.of()), TransferProgress.NONE)));
      }
      for (Future<Located> answer : answers) {
        answer.get();
      }
    }
    assertEquals(1, heads());
  }

  @Test
  void otherJobAsksAgain() throws Exception {
    String identifier = publish(LayoutFixture.image(AMD64, "a"), "1");
    locate(identifier);
    locate(identifier);
    assertEquals(2, heads());
    assertEquals(4, registry.requests().size(), "documents come from the content store");
  }

  @Test
  void frontendIsToldConfigAndDigest() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "1");
    Digest digest = image.manifest().digest();
    assertEquals(
        new ResolvedImage(name("1") + "@" + digest, digest, digest, image.configJson()),
        create().resolve(name("1"), AMD64, ImageSource.Mode.DEFAULT, TransferProgress.NONE));
  }

  @Test
  void whatTheFrontendWasToldStaysWhenTheTagMoves() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "1");
    ImageSource source = create();
    ResolvedImage resolved =
        source.resolve(name("1"), AMD64, ImageSource.Mode.DEFAULT, TransferProgress.NONE);
    publish(LayoutFixture.image(AMD64, "b"), "1");
    Located located =
        source.locate(
            request("docker-image://" + resolved.reference(), Map.of()), TransferProgress.NONE);
    assertEquals(image.config().diffIds().getFirst(), located.key());
  }

  @Test
  void checksumThatDiffersIsRefused() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    String identifier = publish(image, "1");
    String other = Digest.of(new byte[0]).toString();
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                create()
                    .locate(
                        request(identifier, Map.of("image.checksum", other)),
                        TransferProgress.NONE));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "image '"
            + name("1")
            + "' has digest "
            + image.manifest().digest()
            + ", the build wants "
            + other,
        failure.message());
  }

  @Test
  void layerLimitCutsTheTop() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a", "b");
    Located located =
        create()
            .locate(
                request(publish(image, "1"), Map.of("image.layerlimit", "1")),
                TransferProgress.NONE);
    assertEquals(image.config().diffIds().getFirst(), located.key());
    assertEquals(1, located.snapshot().layers().size());
  }

  @Test
  void layersAreFetchedWithTheRightsOfTheBuild() throws Exception {
    registry.gate(TestRegistry.basicAuth("Basic dTpw"));
    String identifier = publish(LayoutFixture.image(AMD64, "a"), "1");
    var login = new Credentials.Login("u", "p");
    try (ImageSource source = create(host -> Optional.of(login))) {
      Located located = source.locate(request(identifier, Map.of()), TransferProgress.NONE);
      assertTrue(rig.trees().open(located.snapshot()).lookup("a") != null);
    }
  }

  @Test
  void endedBuildLendsItsRightsToNobody() throws Exception {
    registry.gate(TestRegistry.basicAuth("Basic dTpw"));
    String identifier = publish(LayoutFixture.image(AMD64, "a"), "1");
    var login = new Credentials.Login("u", "p");
    Located located;
    try (ImageSource source = create(host -> Optional.of(login))) {
      located = source.locate(request(identifier, Map.of()), TransferProgress.NONE);
    }
    BuildException failure =
        assertThrows(BuildException.class, () -> rig.trees().open(located.snapshot()));
    assertEquals(Code.UNAUTHENTICATED, failure.code());
  }

  @Test
  void lyingLayerIsOneClearFailureAndLeavesNothing() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    String identifier = publish(image, "1");
    Digest layer =
        image.blobs().keySet().stream()
            .filter(d -> !d.equals(image.manifest().digest()))
            .filter(d -> !d.equals(image.configJson().digest()))
            .findFirst()
            .orElseThrow();
    int size = image.blobs().getOrDefault(layer, Bytes.empty()).size();
    registry.trick(
        "/v2/team/app/blobs/" + layer,
        TestRegistry.lying("application/octet-stream", new byte[size]));
    Snapshot snapshot = locate(identifier).snapshot();
    BuildException failure = assertThrows(BuildException.class, () -> rig.trees().open(snapshot));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertTrue(rig.content.size(layer).isEmpty());
    assertTrue(rig.trees().open(snapshot).lookup("a") != null, "the next try is not spoiled");
  }

  private StoredImage stored(String file) throws IOException {
    Snapshot snapshot =
        rig.layer(Snapshot.SCRATCH, at -> Files.writeString(at.resolve(file), file));
    ImageConfig config = ImageConfig.scratch(AMD64).withDiffIds(List.of(Bytes.utf8(file).digest()));
    Bytes json = ImageConfigJson.write(config);
    var manifest = Descriptor.of(MediaType.OCI_MANIFEST, Bytes.utf8("manifest of " + file));
    return new StoredImage(
        ImageRef.parse(name("1")),
        manifest,
        Instant.EPOCH,
        List.of(new StoredImage.Variant(AMD64, manifest, json, snapshot.layers(), 1)));
  }

  @Test
  void storedImageIsTakenBeforeTheRegistrys() throws Exception {
    String identifier = publish(LayoutFixture.image(AMD64, "a"), "1");
    StoredImage image = stored("own");
    images.put(image);
    for (String mode : List.of("", "default", "local")) {
      Located located =
          create()
              .locate(
                  request(identifier, Map.of("image.resolvemode", mode)), TransferProgress.NONE);
      assertEquals(image.variants().getFirst().layers(), located.snapshot().layers());
    }
    assertEquals(List.of(), registry.requests());
  }

  @Test
  void pullPassesTheStoreOver() throws Exception {
    LayoutFixture.Image remote = LayoutFixture.image(AMD64, "a");
    String identifier = publish(remote, "1");
    images.put(stored("own"));
    Located located =
        create()
            .locate(
                request(identifier, Map.of("image.resolvemode", "pull")), TransferProgress.NONE);
    assertEquals(remote.config().diffIds().getFirst(), located.key());
  }

  @Test
  void storedImageStaysWhenItsNameGoesToAnother() throws Exception {
    StoredImage first = stored("first");
    images.put(first);
    ImageSource source = create();
    ResolvedImage resolved =
        source.resolve(name("1"), AMD64, ImageSource.Mode.DEFAULT, TransferProgress.NONE);
    images.put(stored("second"));
    Located located =
        source.locate(
            request("docker-image://" + resolved.reference(), Map.of()), TransferProgress.NONE);
    assertEquals(first.variants().getFirst().layers(), located.snapshot().layers());
  }

  @Test
  void storedImageWhoseLayersAreGoneCountsAsNotThere() throws Exception {
    LayoutFixture.Image remote = LayoutFixture.image(AMD64, "a");
    String identifier = publish(remote, "1");
    StoredImage image = stored("own");
    images.put(image);
    rig.catalog.remove(image.variants().getFirst().layers().getFirst());
    assertEquals(remote.config().diffIds().getFirst(), locate(identifier).key());
  }

  @Test
  void malformedReferenceIsRefused() {
    BuildException failure =
        assertThrows(BuildException.class, () -> locate("docker-image://App:1"));
    assertEquals(Code.INVALID, failure.code());
    assertEquals(
        "image reference: repository name must be lower case, got 'library/App'",
        failure.message());
  }
}
