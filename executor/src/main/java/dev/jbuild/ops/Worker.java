package dev.jbuild.ops;

import dev.jbuild.cachemount.CacheMounts;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Platform;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.source.local.LocalMirrors;
import java.time.Clock;
import java.util.ArrayList;

/** What all jobs' ops work with; every part is safe for use by several threads. */
public record Worker(
    Kernel kernel,
    Snapshotter snapshotter,
    LayerStore layers,
    LocalMirrors contexts,
    CacheMounts caches,
    StepNetworks networks,
    ProcessRunner runner,
    Platform platform,
    Emulation emulation,
    StepIds steps,
    Clock clock) {

  /** Keeps a committed layer's time, and gives the state of it on top of {@code parent}. */
  Snapshot committed(Snapshot parent, LayerId layer) {
    layers.created(layer, clock.instant());
    var stack = new ArrayList<>(parent.layers());
    stack.add(layer);
    return new Snapshot(stack);
  }

  SnapshotResults results() {
    return new SnapshotResults(layers);
  }
}
