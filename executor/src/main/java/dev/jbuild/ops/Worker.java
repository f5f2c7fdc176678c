package dev.jbuild.ops;

import dev.jbuild.layer.LayerStore;
import dev.jbuild.linux.Kernel;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.oci.Platform;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.source.local.LocalMirrors;
import java.time.Clock;

/** What all jobs' ops work with; every part is safe for use by several threads. */
public record Worker(
    Kernel kernel,
    Snapshotter snapshotter,
    LayerStore layers,
    LocalMirrors contexts,
    BuildNetworks networks,
    ProcessRunner runner,
    Platform platform,
    StepIds steps,
    Clock clock) {

  SnapshotResults results() {
    return new SnapshotResults(layers);
  }
}
