package dev.jbuild.source.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.registry.LayoutFixture;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.direct.DirectoryLayouts;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayoutSourceTest extends SourceContract {

  private Path layout() {
    return directory.resolve("layout");
  }

  private final LayoutAccess access =
      store -> new DirectoryLayouts(Map.of("base", layout())).layout(store);

  @Override
  protected Source create() {
    var fetches = new LayerFetches(rig.content, origin -> null);
    rig.fetchFrom(fetches);
    return new LayoutSource(session -> access, new ImageReader(rig.content), rig.catalog, fetches);
  }

  @Override
  protected String publish(LayoutFixture.Image image, String tag) throws IOException {
    Path index = layout().resolve("index.json");
    var entries = new ArrayList<Descriptor>();
    if (Files.exists(index)) {
      entries.addAll(DocumentJson.readIndex(Bytes.copyOf(Files.readAllBytes(index))).manifests());
    }
    LayoutFixture.write(layout(), tag, image);
    entries.addAll(DocumentJson.readIndex(Bytes.copyOf(Files.readAllBytes(index))).manifests());
    Files.write(index, DocumentJson.write(new Index(MediaType.OCI_INDEX, entries)).toArray());
    return "oci-layout://base:" + tag;
  }

  @Override
  protected String pinned(LayoutFixture.Image image, String tag) {
    return "oci-layout://base@" + image.manifest().digest();
  }

  @Override
  protected String missing() {
    return "oci-layout://base@" + Digest.of(new byte[] {1});
  }

  private String failure(String identifier) {
    return assertThrows(BuildException.class, () -> locate(identifier)).message();
  }

  private static Digest layer(LayoutFixture.Image image) throws IOException {
    Bytes json = image.blobs().getOrDefault(image.manifest().digest(), Bytes.empty());
    Manifest manifest = DocumentJson.readManifest(json);
    return manifest.layers().getFirst().digest();
  }

  private Path blob(Digest digest) {
    return layout().resolve("blobs/sha256/" + digest.hex());
  }

  @Test
  void onlyImageNeedsNoTag() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "v1");
    assertEquals(image.config().diffIds().getFirst(), locate("oci-layout://base").key());
  }

  @Test
  void theSessionThatTheGraphNamesHasTheStore() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "v1");
    var fetches = new LayerFetches(rig.content, origin -> null);
    rig.fetchFrom(fetches);
    var asked = new ArrayList<String>();
    try (var source =
        new LayoutSource(
            session -> {
              asked.add(session);
              return session.equals("theirs") ? access : LayoutAccess.NONE;
            },
            new ImageReader(rig.content),
            rig.catalog,
            fetches)) {
      String reference = "base@" + image.manifest().digest();
      String identifier = "oci-layout://" + reference;
      var attrs = Map.of("oci.session", "prefix:theirs", "oci.store", "base");
      assertEquals(
          image.config().diffIds().getFirst(),
          source.locate(request(identifier, attrs), TransferProgress.NONE).key());
      assertEquals(
          image.manifest().digest(),
          source.resolve(reference + "#theirs", AMD64, TransferProgress.NONE).manifestDigest());
      assertEquals(
          "oci layout 'base' is not offered by this client",
          assertThrows(
                  BuildException.class,
                  () -> source.locate(request(identifier, Map.of()), TransferProgress.NONE))
              .message());
    }
    assertEquals(List.of("theirs", "theirs", ""), asked);
  }

  @Test
  void storeComesFromTheAttributeWhereThereIsOne() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "v1");
    String identifier = "oci-layout://anything@" + image.manifest().digest();
    assertEquals(
        image.config().diffIds().getFirst(),
        create()
            .locate(request(identifier, Map.of("oci.store", "base")), TransferProgress.NONE)
            .key());
  }

  @Test
  void unknownTagIsNotFound() throws Exception {
    publish(LayoutFixture.image(AMD64, "a"), "v1");
    assertEquals(
        "oci layout 'base' has no image with tag 'v2' among its 1: give its tag or digest",
        failure("oci-layout://base:v2"));
  }

  @Test
  void storeThatIsNotOfferedIsNotFound() {
    assertEquals(
        "oci layout 'other' is not offered by this client", failure("oci-layout://other:1"));
  }

  @Test
  void directoryWithoutAnIndexIsNoLayout() throws Exception {
    Files.createDirectories(layout());
    assertEquals(
        "oci layout 'base': index.json is missing: is the directory complete?",
        failure("oci-layout://base:1"));
  }

  @Test
  void damagedDocumentIsRefused() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    publish(image, "1");
    Digest digest = image.manifest().digest();
    Files.writeString(blob(digest), "{}");
    assertEquals(
        "oci layout 'base': blob "
            + digest
            + ": its content has digest "
            + Bytes.utf8("{}").digest()
            + ": the layout is damaged",
        failure("oci-layout://base:1"));
  }

  @Test
  void shortLayerIsRefusedAndNotKept() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    Snapshot snapshot = locate(publish(image, "1")).snapshot();
    Digest layer = layer(image);
    long size = Files.size(blob(layer));
    Files.writeString(blob(layer), "short");
    BuildException failure = assertThrows(BuildException.class, () -> rig.trees().open(snapshot));
    assertEquals(
        "oci layout 'base': blob "
            + layer
            + ": its size is not "
            + size
            + " bytes: the layout is damaged",
        failure.message());
    assertEquals(true, rig.content.size(layer).isEmpty());
  }

  @Test
  void linkIsNotFollowedOutOfTheLayout() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    Snapshot snapshot = locate(publish(image, "1")).snapshot();
    Digest layer = layer(image);
    Path secret = directory.resolve("secret");
    Files.move(blob(layer), secret);
    Files.createSymbolicLink(blob(layer), secret);
    BuildException failure = assertThrows(BuildException.class, () -> rig.trees().open(snapshot));
    assertEquals(Code.NOT_FOUND, failure.code());
  }

  @Test
  void layerOfAnEndedBuildSaysWhatToDo() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a");
    String identifier = publish(image, "1");
    var fetches = new LayerFetches(rig.content, origin -> null);
    rig.fetchFrom(fetches);
    Snapshot snapshot;
    try (var source =
        new LayoutSource(session -> access, new ImageReader(rig.content), rig.catalog, fetches)) {
      snapshot = source.locate(request(identifier, Map.of()), TransferProgress.NONE).snapshot();
    }
    BuildException failure = assertThrows(BuildException.class, () -> rig.trees().open(snapshot));
    assertEquals(
        "layer "
            + layer(image)
            + " is only in 'oci-layout://base', which no running build offers: build with that"
            + " context again",
        failure.message());
    assertEquals(List.of("oci-layout://base"), rig.fetched);
  }
}
