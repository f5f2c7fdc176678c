package dev.jbuild.process;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.mount.Mount;
import java.io.IOException;
import java.util.List;

/**
 * Mounts trees for longer than one process runs, so that others can read what processes leave in
 * them. Safe for use by several threads.
 */
public interface TreeMounter {

  /**
   * Mounts trees: overlays, binds and memory (tmpfs).
   *
   * @param id unique among the steps that run now, {@code [0-9a-z]+}
   * @return to be closed by the caller, when no process has them any more
   */
  Held hold(String id, List<Mount> trees) throws IOException;

  /** Trees that are mounted. Safe for use by several threads until it is closed. */
  interface Held extends AutoCloseable {

    /**
     * What shows a tree elsewhere, with the tree's own right to be written and its {@code nodev}.
     */
    Mount bind(int index);

    /**
     * Opens a path as if the tree were {@code /}, whatever processes do to it meanwhile: see {@link
     * dev.jbuild.linux.Kernel#openInRoot}.
     */
    Descriptor open(int index, String path) throws IOException;

    @Override
    void close() throws IOException;
  }
}
