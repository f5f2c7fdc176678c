package dev.jbuild.source;

import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;

/**
 * Layers that sources have made of what they brought, by what they hold: a second build finds them
 * again. Safe for use by several threads.
 */
public final class MadeLayers {
  private final MVStore store;
  private final MVMap<String, String> made;
  private final Snapshotter snapshotter;
  private final LayerStore layers;
  private final InstantSource clock;

  /**
   * @param store open; who opened it closes it
   */
  public MadeLayers(
      MVStore store, Snapshotter snapshotter, LayerStore layers, InstantSource clock) {
    this.store = store;
    this.snapshotter = snapshotter;
    this.layers = layers;
    this.clock = clock;
    this.made =
        store.openMap(
            "source-layers",
            new MVMap.Builder<String, String>()
                .keyType(StringDataType.INSTANCE)
                .valueType(StringDataType.INSTANCE));
  }

  /** Puts files into an empty layer, and gives the key that they have turned out to have. */
  public interface Filling {
    Digest fill(Path directory) throws IOException, InterruptedException;
  }

  /** The layer of that key, if it was made and is there. */
  public Optional<LayerId> find(Digest key) {
    String id = made.get(key.hex());
    if (id == null) {
      return Optional.empty();
    }
    var layer = new LayerId(id);
    layers.used(layer);
    return snapshotter.exists(layer) ? Optional.of(layer) : Optional.empty();
  }

  /**
   * Makes a layer; the one of the same key that is there already is given in its place. Nothing
   * stays when the filling fails.
   */
  public LayerId make(Filling filling) throws IOException, InterruptedException {
    try (Snapshotter.ActiveLayer layer = snapshotter.prepare(Snapshot.SCRATCH)) {
      Digest key = filling.fill(layer.directory());
      Optional<LayerId> there = find(key);
      if (there.isPresent()) {
        return there.get();
      }
      LayerId id = layer.commit();
      layers.created(id, clock.instant());
      made.put(key.hex(), id.value());
      store.commit();
      return id;
    }
  }

  /** The files of a layer that is there. */
  public Path directory(LayerId layer) {
    return snapshotter.directory(layer);
  }
}
