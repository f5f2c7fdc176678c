package dev.jbuild.source.layout;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.blob.BlobPlaces;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Blobs of layouts of the client: {@code oci-layout+blob://STORE@sha256:...}.
 *
 * @param layouts of the session of an id, of the build's own for an empty one
 */
public record LayoutBlobPlaces(Function<String, LayoutAccess> layouts) implements BlobPlaces {

  @Override
  public String scheme() {
    return "oci-layout+blob";
  }

  @Override
  public NamedBlob named(SourceRequest request) {
    LayoutReference reference = LayoutReference.parse(request.rest());
    Digest digest = reference.digest();
    if (digest == null) {
      throw new BuildException(
          Code.INVALID,
          "'"
              + request.identifier()
              + "': a blob is named by its digest, want '"
              + scheme()
              + "://STORE@sha256:...'");
    }
    return new Named(
        layouts,
        reference,
        digest,
        request.attrs().getOrDefault("oci.store", ""),
        request.attrs().getOrDefault("oci.session", ""));
  }

  private record Named(
      Function<String, LayoutAccess> layouts,
      LayoutReference reference,
      Digest digest,
      String store,
      String session)
      implements NamedBlob {
    @Override
    public void bring(ContentStore content, TransferProgress progress) throws IOException {
      LayoutBlobs blobs = reference.blobs(layouts, store, session);
      blobs.bring(digest, OptionalLong.empty(), content, progress);
    }
  }
}
