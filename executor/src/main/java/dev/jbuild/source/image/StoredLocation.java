package dev.jbuild.source.image;

import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.ChainId;
import dev.jbuild.source.Located;
import java.util.List;

/**
 * An image of jbuild's own store: its layers are here.
 *
 * @param diffIds one for each layer
 * @param limit how many layers count, base first; 0 for all
 */
record StoredLocation(List<Digest> diffIds, List<LayerId> layers, int limit) implements Located {

  @Override
  public Digest key() {
    return ChainId.of(diffIds.subList(0, count()));
  }

  @Override
  public Snapshot snapshot() {
    return new Snapshot(layers.subList(0, count()));
  }

  private int count() {
    return limit == 0 ? layers.size() : Math.min(limit, layers.size());
  }
}
