package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import java.time.Instant;
import java.util.Optional;

/** What the worker's results hold. */
public interface ResultSnapshots {

  /** The file system that a result stands for. */
  Snapshot snapshot(Result result) throws InterruptedException;

  /**
   * A regular file's content, links resolved inside; empty if there is none of that path.
   *
   * @throws dev.jbuild.error.BuildException INVALID when it has more than {@code limitBytes}
   */
  Optional<Bytes> read(Result root, String path, int limitBytes) throws InterruptedException;

  /** The start of a regular file, links resolved inside; empty if there is none of that path. */
  Optional<Bytes> readHead(Result root, String path, int maxBytes) throws InterruptedException;

  /** The newest modification time of all that a result holds; empty where it holds nothing. */
  Optional<Instant> newest(Result root) throws InterruptedException;
}
