package dev.jbuild.snapshot;

import dev.jbuild.mount.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps layers: each is the directory of its differences, with whiteouts as overlayfs writes them
 * (character device 0:0; opaque directories by the xattr {@code trusted.overlay.opaque}). An active
 * layer is written, then committed or dropped; a committed one never changes. Safe for use by
 * several threads. The layers of a snapshot that is passed in must be present (see {@code
 * LayerStore}).
 */
public interface Snapshotter {

  /** Starts a layer on top of {@code parent}. The caller closes it. */
  ActiveLayer prepare(Snapshot parent) throws IOException;

  /** A read-only view of a state, to be mounted. The caller closes it. */
  View view(Snapshot snapshot) throws IOException;

  /** The directory of a committed layer's differences. Read-only for everyone. */
  Path directory(LayerId layer);

  /** Whether the layer is committed and there. */
  boolean exists(LayerId layer);

  /** Removes a committed layer. */
  void remove(LayerId layer) throws IOException;

  /** A layer being written. */
  interface ActiveLayer extends AutoCloseable {

    /**
     * The directory that takes the differences: written directly, or through {@link #mounts()},
     * never both at once.
     */
    Path directory();

    /** What to mount to see the parent with this layer on top, writable. May take its time. */
    List<Mount> mounts() throws IOException;

    /**
     * Makes the layer immutable; it survives the end of this process from now on, and a loss of
     * power once it was synced (see {@link Durability}). Nothing may still be mounted.
     */
    LayerId commit() throws IOException;

    /**
     * The same under a name that is derived from the content. When that layer is there already, it
     * stays and this one is dropped.
     */
    void commit(LayerId id) throws IOException;

    /** Drops the layer unless it was committed. */
    @Override
    void close() throws IOException;
  }

  /** A state to look at. */
  interface View extends AutoCloseable {
    List<Mount> mounts() throws IOException;

    @Override
    void close() throws IOException;
  }
}
