package dev.jbuild.export.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.diff.Decompression;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ExporterContract;
import dev.jbuild.export.LayerRig;
import dev.jbuild.export.LayoutArchive;
import dev.jbuild.export.LayoutDirectory;
import dev.jbuild.export.TarFixture;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.registry.LayoutFixture;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OciExporterTest extends ExporterContract {

  @Override
  protected Exporter create() {
    return new OciExporter(
        rig.writer(), new LayoutArchive(rig.content), new LayoutDirectory(rig.content));
  }

  @Override
  protected boolean sendsAFile() {
    return true;
  }

  private Map<String, Bytes> archive() throws IOException {
    return TarFixture.files(rig.sink.newest());
  }

  private static Bytes blob(Map<String, Bytes> archive, Digest digest) {
    return TarFixture.file(archive, "blobs/sha256/" + digest.hex());
  }

  private static Manifest manifest(Map<String, Bytes> archive) throws IOException {
    Index index = DocumentJson.readIndex(TarFixture.file(archive, "index.json"));
    return DocumentJson.readManifest(blob(archive, index.manifests().getFirst().digest()));
  }

  @Test
  void entriesAreSortedAndCarryNoTime() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    List<String> headers = TarFixture.headers(rig.sink.newest());
    assertEquals("blobs/ 40755 0:0 @0", headers.get(0));
    assertEquals("blobs/sha256/ 40755 0:0 @0", headers.get(1));
    assertEquals("index.json 100444 0:0 @0", headers.get(headers.size() - 2));
    assertEquals("oci-layout 100444 0:0 @0", headers.getLast());
    assertEquals(headers.stream().sorted().toList(), headers);
  }

  @Test
  void everyBlobHasTheDigestOfItsName() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    int blobs = 0;
    for (Map.Entry<String, Bytes> entry : archive().entrySet()) {
      if (entry.getKey().matches("blobs/sha256/.+")) {
        assertEquals("blobs/sha256/" + entry.getValue().digest().hex(), entry.getKey());
        blobs++;
      }
    }
    assertEquals(4, blobs);
  }

  @Test
  void diffIdsAreThoseOfThePlainTars() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    Map<String, Bytes> archive = archive();
    Manifest manifest = manifest(archive);
    ImageConfig config = ImageConfigJson.read(blob(archive, manifest.config().digest()));
    var plain = new ArrayList<Digest>();
    for (Descriptor layer : manifest.layers()) {
      assertEquals(MediaType.OCI_LAYER_GZIP, layer.mediaType());
      var in = new ByteArrayInputStream(blob(archive, layer.digest()).toArray());
      plain.add(Digest.of(Decompression.open(in).readAllBytes()));
    }
    assertEquals(config.diffIds(), plain);
    assertEquals(LayerRig.CREATED, config.created());
  }

  @Test
  void namesAreInTheIndexOnceEach() throws Exception {
    Map<String, String> keys =
        export(Map.of("name", "app:1,localhost:5000/app:2"), LayerRig.result(snapshot()));
    Index index = DocumentJson.readIndex(TarFixture.file(archive(), "index.json"));
    var names = new ArrayList<String>();
    for (Descriptor entry : index.manifests()) {
      assertEquals(keys.get("containerimage.digest"), entry.digest().toString());
      names.add(
          entry.annotations().get("io.containerd.image.name")
              + " "
              + entry.annotations().get("org.opencontainers.image.ref.name"));
    }
    assertEquals(List.of("docker.io/library/app:1 1", "localhost:5000/app:2 2"), names);
    assertEquals("docker.io/library/app:1,localhost:5000/app:2", keys.get("image.name"));
  }

  @Test
  void zstdAndPlainLayersAreMadeWhenAskedFor() throws Exception {
    Snapshot snapshot = snapshot();
    for (Map.Entry<String, MediaType> each :
        Map.of("zstd", MediaType.OCI_LAYER_ZSTD, "uncompressed", MediaType.OCI_LAYER).entrySet()) {
      export(Map.of("compression", each.getKey()), LayerRig.result(snapshot));
      assertEquals(each.getValue(), manifest(archive()).layers().getFirst().mediaType());
    }
  }

  @Test
  void layerIsPackedOnce() throws Exception {
    Snapshot snapshot = snapshot();
    export(Map.of(), LayerRig.result(snapshot));
    var top = snapshot.layers().getLast();
    assertEquals(1, rig.catalog.facts(top).orElseThrow().made().size());
    export(Map.of(), LayerRig.result(snapshot));
    assertEquals(1, rig.catalog.facts(top).orElseThrow().made().size());
  }

  private Snapshot pulled(LayoutFixture.Image image, int[] fetches) throws IOException {
    rig.fetchFrom(
        (blob, origin) -> {
          fetches[0]++;
          byte[] bytes = image.blobs().getOrDefault(blob.digest(), Bytes.empty()).toArray();
          try (var ingest = rig.content.ingest()) {
            ingest.write(bytes, 0, bytes.length);
            ingest.commit(blob.digest());
          }
        });
    Manifest manifest =
        DocumentJson.readManifest(
            image.blobs().getOrDefault(image.manifest().digest(), Bytes.empty()));
    var lazy = new ArrayList<LayerCatalog.LazyLayer>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      lazy.add(
          new LayerCatalog.LazyLayer(
              image.config().diffIds().get(i), manifest.layers().get(i), "place"));
    }
    return rig.catalog.register(lazy);
  }

  @Test
  void pulledLayersAreKeptAsTheyCameAndNeverUnpacked() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(LayerRig.AMD64, "a", "b");
    var fetches = new int[1];
    Snapshot snapshot = pulled(image, fetches);
    export(Map.of("compression", "zstd"), LayerRig.result(snapshot));
    Manifest manifest = manifest(archive());
    for (Descriptor layer : manifest.layers()) {
      assertTrue(image.blobs().containsKey(layer.digest()), layer.toString());
    }
    assertEquals(2, fetches[0]);
    assertFalse(rig.snapshotter.exists(snapshot.layers().getFirst()));
  }

  @Test
  void forcedCompressionPacksPulledLayersAnew() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(LayerRig.AMD64, "a");
    Snapshot snapshot = pulled(image, new int[1]);
    export(Map.of("compression", "zstd", "force-compression", "true"), LayerRig.result(snapshot));
    Map<String, Bytes> archive = archive();
    Descriptor layer = manifest(archive).layers().getFirst();
    assertEquals(MediaType.OCI_LAYER_ZSTD, layer.mediaType());
    var in = new ByteArrayInputStream(blob(archive, layer.digest()).toArray());
    assertEquals(
        image.config().diffIds().getFirst(), Digest.of(Decompression.open(in).readAllBytes()));
  }

  @Test
  void directoryTakesTheImageBesideOthers() throws Exception {
    Path out = rig.sink.directory(0);
    LayoutFixture.write(out, "other", LayoutFixture.image(LayerRig.AMD64, "a"));
    export(Map.of("tar", "false", "name", "app:1"), LayerRig.result(snapshot()));
    export(Map.of("tar", "false", "name", "app:1"), LayerRig.result(Snapshot.SCRATCH));
    Index index =
        DocumentJson.readIndex(Bytes.copyOf(Files.readAllBytes(out.resolve("index.json"))));
    assertEquals(
        List.of("other", "1"),
        index.manifests().stream()
            .map(e -> e.annotations().get("org.opencontainers.image.ref.name"))
            .toList());
    for (Descriptor entry : index.manifests()) {
      byte[] blob = Files.readAllBytes(out.resolve("blobs/sha256/" + entry.digest().hex()));
      assertEquals(entry.digest(), Digest.of(blob));
    }
  }
}
