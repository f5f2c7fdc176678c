package dev.jbuild.ops;

import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;

/** A file-system state of the layer store; its layers may still have to be brought. */
public record SnapshotResult(Snapshot snapshot, String id) implements Result {}
