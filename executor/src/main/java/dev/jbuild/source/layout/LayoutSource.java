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
import org.jspecify.annotations.Nullable;

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

  /** A reference in its parts. */
  private record Reference(String store, String tag, @Nullable Digest digest, String session) {
    static Reference parse(String text) {
      String rest = text;
      Digest digest = null;
      String session = "";
      int at = rest.indexOf('@');
      if (at >= 0) {
        int hash = rest.indexOf('#', at);
        session = hash < 0 ? "" : rest.substring(hash + 1);
        rest = hash < 0 ? rest : rest.substring(0, hash);
        try {
          digest = Digest.parse(rest.substring(at + 1));
        } catch (IllegalArgumentException e) {
          throw new BuildException(
              Code.INVALID,
              "oci layout '" + text + "': malformed digest, want 'sha256:' and 64 hex digits",
              e);
        }
        rest = rest.substring(0, at);
      }
      int colon = rest.indexOf(':');
      String tag = colon < 0 ? "" : rest.substring(colon + 1);
      return new Reference(colon < 0 ? rest : rest.substring(0, colon), tag, digest, session);
    }
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
    Reference parsed = Reference.parse(reference);
    return find(parsed, blobs(parsed, "", parsed.session()), platform, progress);
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    Reference reference = Reference.parse(request.rest());
    LayoutBlobs blobs =
        blobs(
            reference,
            request.attrs().getOrDefault("oci.store", ""),
            request.attrs().getOrDefault("oci.session", ""));
    FoundImage image = find(reference, blobs, request.platform(), progress);
    fetches.offer(this, blobs, progress);
    int limit = LocatedImage.layerLimit(request.attrs().getOrDefault("oci.layerlimit", ""));
    return new LocatedImage(image, blobs.origin(), limit, catalog);
  }

  /** Some clients put a prefix and a colon before a session's id. */
  private LayoutBlobs blobs(Reference reference, String attr, String session) {
    String store = attr.isEmpty() ? reference.store() : attr;
    String id = session.substring(session.lastIndexOf(':') + 1);
    return new LayoutBlobs(store, layouts.apply(id).layout(store));
  }

  private FoundImage find(
      Reference reference, LayoutBlobs blobs, Platform platform, TransferProgress progress)
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

  private static Digest byTag(Reference reference, LayoutBlobs blobs) throws IOException {
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
