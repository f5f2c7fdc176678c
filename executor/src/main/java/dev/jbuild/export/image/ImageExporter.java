package dev.jbuild.export.image;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.Attrs;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.ExportErrors;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ImageOptions;
import dev.jbuild.export.ImageWriter;
import dev.jbuild.export.Responses;
import dev.jbuild.export.WrittenImage;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.registry.RegistryPush;
import dev.jbuild.session.Credentials;
import dev.jbuild.snapshot.LayerFetcher;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code type=image}: gives a result its names in the image store. Unless it is pushed, no layer is
 * packed: the manifest lists pulled layers as they came and new ones as plain tars, which can be
 * made when they are wanted.
 */
public final class ImageExporter implements Exporter {
  private final ImageWriter images;
  private final ImageStore store;
  private final ContentStore content;
  private final Clock clock;
  private final LayerFetcher fetcher;
  private final Registries registries;

  /**
   * @param fetcher brings pulled layers that a registry turns out not to have
   */
  public ImageExporter(
      ImageWriter images,
      ImageStore store,
      ContentStore content,
      Clock clock,
      LayerFetcher fetcher,
      Registries registries) {
    this.images = images;
    this.store = store;
    this.content = content;
    this.clock = clock;
    this.fetcher = fetcher;
    this.registries = registries;
  }

  /** Opens registries for writing. */
  public interface Registries {

    /** With the rights of a client. */
    RegistryPush open(Credentials credentials, boolean insecure);
  }

  @Override
  public String type() {
    return "image";
  }

  @Override
  public String title() {
    return "exporting to image";
  }

  @Override
  public Export prepare(Map<String, String> attrs) {
    var read = new Attrs(type(), attrs);
    ImageOptions options = ImageOptions.read(read, false);
    boolean push = read.flag("push", false);
    boolean byDigest = read.flag("push-by-digest", false);
    boolean insecure = read.flag("registry.insecure", false);
    for (String ignored :
        List.of("name-canonical", "unpack", "dangling-name-prefix", "danging-name-empty-only")) {
      read.ignore(ignored);
    }
    boolean stored = read.flag("store", true) && !byDigest;
    read.end();
    if (push && options.names().isEmpty() && !options.nameFromResult()) {
      throw new BuildException(
          Code.INVALID, "output type=image: push=true wants a name: give one with -t or 'name'");
    }
    return (result, context) -> {
      WrittenImage image = written(result, options, push, stored, context);
      if (push) {
        RegistryPush registry = registries.open(context.credentials(), insecure);
        new ImagePush(registry, byDigest, stored, fetcher).run(image, context);
      }
      return Responses.of(image, result);
    };
  }

  private WrittenImage written(
      BuildResult result, ImageOptions options, boolean push, boolean stored, ExportContext context)
      throws InterruptedException {
    try {
      WrittenImage image =
          images.write(
              result,
              options,
              push ? ImageWriter.Layers.SENDABLE : ImageWriter.Layers.DESCRIBED,
              context);
      if (stored && !image.names().isEmpty()) {
        for (Bytes document : image.documents().values()) {
          keep(document);
        }
        for (ImageRef name : image.names()) {
          context.started("naming to " + name);
          store.put(new StoredImage(name, image.root(), clock.instant(), variants(image)));
          context.done("naming to " + name);
        }
      }
      return image;
    } catch (IOException e) {
      throw ExportErrors.of(title(), e);
    }
  }

  private void keep(Bytes document) throws IOException {
    if (content.size(document.digest()).isPresent()) {
      return;
    }
    try (ContentStore.Ingest ingest = content.ingest()) {
      ingest.write(document.toArray(), 0, document.size());
      ingest.commit(document.digest());
    }
  }

  private static List<StoredImage.Variant> variants(WrittenImage image) {
    var variants = new ArrayList<StoredImage.Variant>();
    for (WrittenImage.Variant variant : image.variants()) {
      long size = 0;
      for (Descriptor layer : variant.layers()) {
        size += layer.sizeBytes();
      }
      variants.add(
          new StoredImage.Variant(
              variant.platform(),
              variant.manifest(),
              variant.config(),
              variant.from().snapshot().layers(),
              size));
    }
    return variants;
  }
}
