package dev.jbuild.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.OutputSink;
import dev.jbuild.snapshot.Snapshot;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImageWriterTest {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");
  private static final Platform ARM64 = new Platform("linux", "arm64", "");
  private static final Instant MADE = Instant.parse("2026-03-04T05:06:07Z");

  private final List<LayerBlobs.Layer> layers = new ArrayList<>();

  private void layer(String name) {
    Descriptor blob = Descriptor.of(MediaType.OCI_LAYER_GZIP, Bytes.utf8(name));
    layers.add(
        new LayerBlobs.Layer(
            blob.withAnnotations(Map.of("containerd.io/uncompressed", "x")),
            Bytes.utf8("tar of " + name).digest(),
            MADE,
            ""));
  }

  private final LayerBlobs blobs =
      new LayerBlobs() {
        @Override
        public List<Layer> packed(
            Snapshot snapshot, ImageOptions options, TransferProgress progress) {
          return layers;
        }

        @Override
        public List<Layer> sendable(
            Snapshot snapshot, ImageOptions options, TransferProgress progress) {
          return layers;
        }

        @Override
        public List<Layer> described(Snapshot snapshot, TransferProgress progress) {
          return layers;
        }
      };

  private WrittenImage write(Map<String, String> attrs, BuildResult result) throws Exception {
    return new ImageWriter(blobs)
        .write(
            result,
            ImageOptions.read(new Attrs("oci", attrs), false),
            ImageWriter.Layers.PACKED,
            new ExportContext(
                new NoSink(), 0, TransferProgress.NONE, host -> java.util.Optional.empty()));
  }

  private static BuildResult.PlatformImage image(
      Platform platform, String config, @Nullable Bytes base) {
    return new BuildResult.PlatformImage(platform, Snapshot.SCRATCH, Bytes.utf8(config), base);
  }

  private static BuildResult single(String config) {
    return new BuildResult(List.of(image(AMD64, config, null)), false, Map.of());
  }

  private ImageConfig config(Map<String, String> attrs, BuildResult result) throws Exception {
    return ImageConfigJson.read(write(attrs, result).variants().getFirst().config());
  }

  @Test
  void diffIdsAreThoseOfTheLayers() throws Exception {
    layer("a");
    layer("b");
    ImageConfig config =
        config(
            Map.of(),
            single(
                "{\"os\":\"linux\",\"architecture\":\"amd64\","
                    + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"));
    assertEquals(
        List.of(Bytes.utf8("tar of a").digest(), Bytes.utf8("tar of b").digest()),
        config.diffIds());
  }

  @Test
  void historyIsMadeToAgreeWithTheLayers() throws Exception {
    layer("a");
    ImageConfig config =
        config(
            Map.of(),
            single(
                "{\"os\":\"linux\",\"architecture\":\"amd64\",\"history\":["
                    + "{\"created_by\":\"ENV A=B\",\"empty_layer\":true}]}"));
    assertEquals(
        List.of(
            new History(MADE, "ENV A=B", "", true),
            new History(
                MADE,
                "layer " + Bytes.utf8("tar of a").digest(),
                "buildkit.exporter.image.v0",
                false)),
        config.history());
    assertEquals(MADE, config.created());
  }

  @Test
  void unknownKeysOfTheConfigStay() throws Exception {
    String json =
        write(
                Map.of(),
                single("{\"os\":\"linux\",\"architecture\":\"amd64\",\"vendor\":{\"x\":1}}"))
            .variants()
            .getFirst()
            .config()
            .toUtf8();
    assertEquals(
        "{\"architecture\":\"amd64\",\"config\":{},\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
            + "\"diff_ids\":[]},\"vendor\":{\"x\":1}}",
        json);
  }

  @Test
  void noConfigMeansTheDefault() throws Exception {
    ImageConfig config = config(Map.of(), single(""));
    assertEquals(List.of(ImageConfig.DEFAULT_PATH), config.config().env());
  }

  @Test
  void configWithoutArchitectureIsRefused() {
    assertEquals(
        "the image config names no architecture, so that nobody could run the image",
        assertThrows(BuildException.class, () -> write(Map.of(), single("{\"os\":\"linux\"}")))
            .message());
  }

  @Test
  void epochBoundsAllTimesButThoseOfTheBase() throws Exception {
    layer("base");
    layer("new");
    String base =
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"history\":["
            + "{\"created\":\"2030-01-01T00:00:00Z\",\"created_by\":\"base\"}]}";
    String config = base.replace("}]}", "},{\"created_by\":\"RUN x\"}]}");
    var result = new BuildResult(List.of(image(AMD64, config, Bytes.utf8(base))), false, Map.of());
    Instant epoch = Instant.ofEpochSecond(1_000);
    ImageConfig written = config(Map.of("source-date-epoch", "1000"), result);
    assertEquals(
        List.of(
            new History(Instant.parse("2030-01-01T00:00:00Z"), "base", "", false),
            new History(epoch, "RUN x", "", false)),
        written.history());
    assertEquals(epoch, written.created());
  }

  @Test
  void layerDescriptorsCarryNoInternalAnnotations() throws Exception {
    layer("a");
    WrittenImage image = write(Map.of("annotation.k", "v"), single(""));
    Bytes json = image.documents().get(image.root().digest());
    assertEquals(true, json != null);
    Manifest manifest = DocumentJson.readManifest(json == null ? Bytes.empty() : json);
    assertEquals(Map.of(), manifest.layers().getFirst().annotations());
    assertEquals(Map.of("k", "v"), manifest.annotations());
  }

  @Test
  void dockerTypesAreUsedThroughout() throws Exception {
    layer("a");
    WrittenImage image = write(Map.of("oci-mediatypes", "false"), single(""));
    assertEquals(MediaType.DOCKER_MANIFEST, image.root().mediaType());
    assertEquals(
        MediaType.DOCKER_LAYER_GZIP, image.variants().getFirst().layers().getFirst().mediaType());
  }

  @Test
  void severalPlatformsMakeAnIndexInTheirOrder() throws Exception {
    layer("a");
    var result =
        new BuildResult(
            List.of(
                image(ARM64, "{\"os\":\"linux\",\"architecture\":\"arm64\"}", null),
                image(AMD64, "{\"os\":\"linux\",\"architecture\":\"amd64\"}", null)),
            false,
            Map.of());
    WrittenImage image = write(Map.of("annotation-index.k", "v"), result);
    Bytes json = image.documents().getOrDefault(image.root().digest(), Bytes.empty());
    Index index = DocumentJson.readIndex(json);
    assertEquals(List.of(ARM64, AMD64), index.platforms());
    assertEquals(Map.of("k", "v"), index.annotations());
    assertEquals(null, image.root().platform());
  }

  @Test
  void annotationThatGoesNowhereIsRefused() {
    assertEquals(
        "annotation 'k' is for an index, but the result is a single image",
        assertThrows(
                BuildException.class, () -> write(Map.of("annotation-index.k", "v"), single("")))
            .message());
    assertEquals(
        "annotation 'k' is for platform linux/s390x, which the result does not have",
        assertThrows(
                BuildException.class,
                () -> write(Map.of("annotation[linux/s390x].k", "v"), single("")))
            .message());
  }

  @Test
  void responseNamesDigestsAndCreation() throws Exception {
    layer("a");
    BuildResult result =
        new BuildResult(
            single("").images(),
            false,
            Map.of("frontend.x", Bytes.utf8("y"), "other", Bytes.utf8("z")));
    WrittenImage image = write(Map.of("name", "app"), result);
    Map<String, String> keys = Responses.of(image, result);
    Digest config = image.variants().getFirst().config().digest();
    assertEquals(
        List.of(
            "containerimage.config.digest",
            "containerimage.descriptor",
            "containerimage.digest",
            "frontend.x",
            "image.name"),
        List.copyOf(keys.keySet()));
    assertEquals(config.toString(), keys.get("containerimage.config.digest"));
    assertEquals("docker.io/library/app:latest", keys.get("image.name"));
    assertEquals(
        "2026-03-04T05:06:07Z", image.root().annotations().get("org.opencontainers.image.created"));
  }

  private static final class NoSink implements OutputSink {
    @Override
    public OutputStream openFile(int exporter) {
      throw new AssertionError("documents go nowhere");
    }

    @Override
    public Path directory(int exporter) {
      throw new AssertionError("documents go nowhere");
    }
  }
}
