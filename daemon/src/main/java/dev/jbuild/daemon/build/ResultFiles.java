package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.solver.Result;
import java.util.Optional;

/** Reads files out of results, links resolved inside of them. */
public interface ResultFiles {

  /**
   * A regular file's content; empty if there is none of that path.
   *
   * @throws dev.jbuild.error.BuildException INVALID when it has more than {@code limitBytes}
   */
  Optional<Bytes> read(Result root, String path, int limitBytes) throws InterruptedException;
}
