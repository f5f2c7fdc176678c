package dev.jbuild.ops;

import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.ResultStore;
import java.util.Optional;

/** Finds the results of earlier builds in the layer store. */
public final class SnapshotResults implements ResultStore {
  private final LayerStore layers;

  public SnapshotResults(LayerStore layers) {
    this.layers = layers;
  }

  /** The state as a result. */
  SnapshotResult of(Snapshot snapshot) {
    return new SnapshotResult(snapshot, layers.id(snapshot));
  }

  @Override
  public Optional<Result> load(String id) {
    return layers.load(id).map(snapshot -> new SnapshotResult(snapshot, id));
  }
}
