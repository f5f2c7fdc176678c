package dev.jbuild.snapshot;

import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of layers beside their directories: the part of the layer store that sources and
 * exporters see. Records survive the process. Safe for use by several threads.
 */
public interface LayerCatalog {

  /**
   * Makes an image's layers known; nothing is brought yet. The same layers give the same snapshot.
   *
   * @param layers base first
   */
  Snapshot register(List<LazyLayer> layers) throws IOException;

  /** What is known of a layer; empty when it is not known, or was forgotten. */
  Optional<Facts> facts(LayerId layer);

  /**
   * Keeps what packing a layer has shown.
   *
   * @param blob a form of the layer; need not be in the content store
   */
  void remember(LayerId layer, Digest diffId, Descriptor blob) throws IOException;

  /** Makes sure that the directories of all layers are there: pulls and unpacks what is not. */
  void require(Snapshot snapshot) throws IOException, InterruptedException;

  /**
   * A layer that is somewhere else.
   *
   * @param diffId of the plain tar, as the image's config says
   * @param origin for {@link LayerFetcher}
   */
  record LazyLayer(Digest diffId, Descriptor blob, String origin) {}

  /**
   * What is known.
   *
   * @param diffId null until the layer was packed or described once
   * @param pulled the blob it came as; null for a layer that was made here
   * @param origin of {@code pulled}, else empty
   * @param made further forms, which can be made again from the directory
   * @param created when it was committed here; null for others
   */
  record Facts(
      @Nullable Digest diffId,
      @Nullable Descriptor pulled,
      String origin,
      List<Descriptor> made,
      @Nullable Instant created) {
    public Facts {
      made = List.copyOf(made);
    }
  }
}
