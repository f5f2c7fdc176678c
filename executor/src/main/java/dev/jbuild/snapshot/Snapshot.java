package dev.jbuild.snapshot;

import java.util.List;

/**
 * An immutable file-system state: a stack of layers, lowest first. Merging is concatenation; a
 * state whose layers begin with another's was built on it. Empty is scratch.
 */
public record Snapshot(List<LayerId> layers) {
  public static final Snapshot SCRATCH = new Snapshot(List.of());

  public Snapshot {
    layers = List.copyOf(layers);
  }
}
