package dev.jbuild.export;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.OciDocument;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.OciFormatException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the documents of an image: configs with their layers and history filled in, manifests,
 * index. Each is serialized once. Safe for use by several threads.
 */
public final class ImageWriter {
  private static final String CREATED = "org.opencontainers.image.created";

  private final LayerBlobs layers;

  public ImageWriter(LayerBlobs layers) {
    this.layers = layers;
  }

  /** Whether layers become blobs now, or are only described. */
  public enum Layers {
    PACKED,
    /** Packed, but pulled ones stay where they came from. */
    SENDABLE,
    DESCRIBED
  }

  /** Writes the documents; layers are in the content store afterwards if they are packed. */
  public WrittenImage write(
      BuildResult result, ImageOptions options, Layers how, ExportContext context)
      throws IOException, InterruptedException {
    List<BuildResult.PlatformImage> images = result.images();
    boolean index = images.size() > 1 || result.multiPlatform();
    List<Platform> platforms = images.stream().map(each -> each.platform().normalized()).toList();
    options.annotations().check(platforms, index);
    var documents = new HashMap<Digest, Bytes>();
    var variants = new ArrayList<WrittenImage.Variant>();
    Instant created = null;
    for (BuildResult.PlatformImage image : images) {
      context.started("exporting layers");
      List<LayerBlobs.Layer> blobs =
          switch (how) {
            case PACKED -> layers.packed(image.snapshot(), options, context.progress());
            case SENDABLE -> layers.sendable(image.snapshot(), options, context.progress());
            case DESCRIBED -> layers.described(image.snapshot(), context.progress());
          };
      context.done("exporting layers");
      ImageConfig config = config(image, blobs, options.epoch());
      created = config.created() == null ? created : config.created();
      variants.add(variant(image, config, blobs, options, documents, context));
    }
    Descriptor root =
        index ? index(variants, options, documents, context) : variants.getFirst().manifest();
    return new WrittenImage(
        root.withAnnotations(annotations(root, options, index, created)),
        options.names(result),
        variants,
        documents);
  }

  private static Map<String, String> annotations(
      Descriptor root, ImageOptions options, boolean index, @Nullable Instant created) {
    var annotations = new TreeMap<>(root.annotations());
    if (index) {
      annotations.putAll(
          options.annotations().at(Annotations.Target.INDEX_DESCRIPTOR, Platform.host()));
    }
    if (created != null) {
      annotations.put(
          CREATED, created.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
    }
    return annotations;
  }

  private static WrittenImage.Variant variant(
      BuildResult.PlatformImage image,
      ImageConfig config,
      List<LayerBlobs.Layer> blobs,
      ImageOptions options,
      Map<Digest, Bytes> documents,
      ExportContext context) {
    Bytes configJson = ImageConfigJson.write(config);
    documents.put(configJson.digest(), configJson);
    var descriptors = new ArrayList<Descriptor>();
    var origins = new HashMap<Digest, String>();
    for (LayerBlobs.Layer blob : blobs) {
      Descriptor plain = blob.blob();
      descriptors.add(
          new Descriptor(
              plain.mediaType().in(options.column()), plain.digest(), plain.sizeBytes()));
      if (!blob.origin().isEmpty()) {
        origins.put(plain.digest(), blob.origin());
      }
    }
    Platform platform = config.platform().normalized();
    var manifest =
        new Manifest(
            MediaType.OCI_MANIFEST.in(options.column()),
            "",
            Descriptor.of(MediaType.OCI_CONFIG.in(options.column()), configJson),
            descriptors,
            null,
            options.annotations().at(Annotations.Target.MANIFEST, platform));
    Bytes manifestJson = DocumentJson.write(manifest);
    documents.put(manifestJson.digest(), manifestJson);
    shown(context, "exporting manifest " + manifestJson.digest());
    shown(context, "exporting config " + configJson.digest());
    Descriptor descriptor =
        Descriptor.of(manifest.mediaType(), manifestJson)
            .withPlatform(platform)
            .withAnnotations(
                options.annotations().at(Annotations.Target.MANIFEST_DESCRIPTOR, platform));
    return new WrittenImage.Variant(platform, descriptor, configJson, descriptors, origins, image);
  }

  private static void shown(ExportContext context, String id) {
    context.started(id);
    context.done(id);
  }

  private static Descriptor index(
      List<WrittenImage.Variant> variants,
      ImageOptions options,
      Map<Digest, Bytes> documents,
      ExportContext context) {
    OciDocument index =
        new Index(
            MediaType.OCI_INDEX.in(options.column()),
            "",
            variants.stream().map(WrittenImage.Variant::manifest).toList(),
            null,
            options.annotations().at(Annotations.Target.INDEX, Platform.host()));
    Bytes json = DocumentJson.write(index);
    documents.put(json.digest(), json);
    shown(context, "exporting manifest list " + json.digest());
    return Descriptor.of(index.mediaType(), json);
  }

  private static ImageConfig config(
      BuildResult.PlatformImage image, List<LayerBlobs.Layer> blobs, @Nullable Instant epoch) {
    ImageConfig given =
        image.config().size() == 0
            ? ImageConfig.scratch(image.platform())
            : parse(image.config(), "the image config");
    if (given.platform().os().isEmpty() || given.platform().architecture().isEmpty()) {
      throw new BuildException(
          Code.INVALID,
          "the image config names no "
              + (given.platform().os().isEmpty() ? "os" : "architecture")
              + ", so that nobody could run the image");
    }
    var stack = new ArrayList<ImageConfig.Layer>();
    for (LayerBlobs.Layer blob : blobs) {
      stack.add(new ImageConfig.Layer(blob.diffId(), "layer " + blob.diffId(), blob.created()));
    }
    ImageConfig filled = given.withLayers(stack);
    return epoch == null ? filled : clamped(filled, image.baseConfig(), epoch);
  }

  /** No time after the epoch, but for the lines that came with the base image. */
  private static ImageConfig clamped(
      ImageConfig config, @Nullable Bytes baseConfig, Instant epoch) {
    int inherited =
        baseConfig == null ? 0 : parse(baseConfig, "the base image's config").history().size();
    var lines = new ArrayList<History>();
    for (History line : config.history()) {
      lines.add(lines.size() < inherited ? line : line.withCreated(earlier(line.created(), epoch)));
    }
    return config.withHistory(lines).withCreated(earlier(config.created(), epoch));
  }

  private static Instant earlier(@Nullable Instant time, Instant epoch) {
    return time == null || time.isAfter(epoch) ? epoch : time;
  }

  private static ImageConfig parse(Bytes json, String what) {
    try {
      return ImageConfigJson.read(json);
    } catch (OciFormatException e) {
      throw new BuildException(Code.INVALID, what + ": " + e.getMessage(), e);
    }
  }
}
