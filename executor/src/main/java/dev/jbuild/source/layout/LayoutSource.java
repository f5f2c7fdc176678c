package dev.jbuild.source.layout;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.source.FoundImage;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.Located;
import dev.jbuild.source.LocatedImage;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.util.function.Function;

/**
 * Images in layouts of the client: {@code oci-layout://STORE[:tag][@digest]}. The digest wins; with
 * neither, the tag is {@code latest}, or the only image of the layout. Closing ends the offers of
 * layers. Safe for use by several threads. Source: OCI facts, section 5.
 */
public final class LayoutSource implements Source, AutoCloseable {
  private static final String NAME = "io.containerd.image.name";
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final Function<String, LayoutAccess> layouts;
  private final ImageReader reader;
  private final LayerCatalog catalog;
  private final LayerFetches fetches;

  /**
   * @param layouts of the session of an id, of the build's own for an empty one
   */
  public LayoutSource(
      Function<String, LayoutAccess> layouts,
      ImageReader reader,
      LayerCatalog catalog,
      LayerFetches fetches) {
    this.layouts = layouts;
    this.reader = reader;
    this.catalog = catalog;
    this.fetches = fetches;
  }

  @Override
  public String scheme() {
    return "oci-layout";
  }

  /**
   * Finds an image and its config.
   *
   * @param reference {@code STORE[:tag][@digest[#session]]}
   */
  public FoundImage resolve(String reference, Platform platform, TransferProgress progress)
      throws InterruptedException {
    LayoutReference parsed = LayoutReference.parse(reference);
    return find(parsed, parsed.blobs(layouts, "", parsed.session()), platform, progress);
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    LayoutReference reference = LayoutReference.parse(request.rest());
    LayoutBlobs blobs =
        reference.blobs(
            layouts,
            request.attrs().getOrDefault("oci.store", ""),
            request.attrs().getOrDefault("oci.session", ""));
    FoundImage image = find(reference, blobs, request.platform(), progress);
    fetches.offer(this, blobs, progress);
    int limit = LocatedImage.layerLimit(request.attrs().getOrDefault("oci.layerlimit", ""));
    return new LocatedImage(image, blobs.origin(), limit, catalog);
  }

  private FoundImage find(
      LayoutReference reference, LayoutBlobs blobs, Platform platform, TransferProgress progress)
      throws InterruptedException {
    String name = "oci-layout://" + blobs.store();
    try {
      Digest digest = reference.digest();
      if (digest == null) {
        digest = byTag(reference, blobs);
      }
      return reader.read(name, blobs, digest, null, platform, progress);
    } catch (OciFormatException e) {
      throw new BuildException(Code.DATA_LOSS, name + ": index.json " + e.getMessage(), e);
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Digest byTag(LayoutReference reference, LayoutBlobs blobs) throws IOException {
    Bytes json = blobs.index();
    Index index = DocumentJson.readIndex(json);
    String tag = reference.tag().isEmpty() ? "latest" : reference.tag();
    for (String annotation : new String[] {NAME, REF_NAME}) {
      for (Descriptor entry : index.manifests()) {
        String value = entry.annotations().getOrDefault(annotation, "");
        if (value.equals(tag) || value.endsWith(":" + tag)) {
          return entry.digest();
        }
      }
    }
    if (reference.tag().isEmpty() && index.manifests().size() == 1) {
      return index.manifests().getFirst().digest();
    }
    throw new BuildException(
        Code.NOT_FOUND,
        "oci layout '"
            + blobs.store()
            + "' has no image with tag '"
            + tag
            + "' among its "
            + index.manifests().size()
            + ": give its tag or digest");
  }

  @Override
  public void close() {
    fetches.end(this);
  }
}
