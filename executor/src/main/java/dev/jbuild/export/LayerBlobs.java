package dev.jbuild.export;

import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives the layers of a snapshot as exporters need them. Safe for use by several threads. */
public interface LayerBlobs {

  /**
   * The layers as blobs, all of them in the content store: pulled ones as they are, new ones packed
   * as the options say, several at once.
   *
   * @return base first, one for each layer of the snapshot
   */
  List<Layer> packed(Snapshot snapshot, ImageOptions options, TransferProgress progress)
      throws IOException, InterruptedException;

  /**
   * The same for an image that is sent to a registry: blobs of pulled layers are left where they
   * came from, as the registry may have them.
   */
  List<Layer> sendable(Snapshot snapshot, ImageOptions options, TransferProgress progress)
      throws IOException, InterruptedException;

  /**
   * The layers without making blobs: pulled ones by their blobs, new ones as the plain tar that
   * they would be.
   */
  List<Layer> described(Snapshot snapshot, TransferProgress progress)
      throws IOException, InterruptedException;

  /**
   * One layer.
   *
   * @param blob the blob's descriptor, with OCI's media type
   * @param diffId of the plain tar
   * @param created when it was made, or null when not known
   * @param origin of the blob as the catalog names it; empty for one that was made here
   */
  record Layer(Descriptor blob, Digest diffId, @Nullable Instant created, String origin) {}
}
