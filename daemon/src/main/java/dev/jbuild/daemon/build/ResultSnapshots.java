package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import java.time.Instant;
import java.util.List;
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

  /**
   * A part of a regular file, links resolved inside; shorter where the file ends.
   *
   * @param offset from its start, in bytes
   * @throws dev.jbuild.error.BuildException NOT_FOUND when there is none of that path, INVALID when
   *     it is no regular file
   */
  Bytes readPart(Result root, String path, long offset, int maxBytes) throws InterruptedException;

  /**
   * What a directory holds, links to it resolved inside, those in it as they are; by name.
   *
   * @throws dev.jbuild.error.BuildException NOT_FOUND when there is none of that path, INVALID when
   *     it is no directory
   */
  List<FileEntry> list(Result root, String path) throws InterruptedException;

  /**
   * What a path names when all links are followed inside.
   *
   * @throws dev.jbuild.error.BuildException NOT_FOUND when nothing is there
   */
  FileEntry stat(Result root, String path) throws InterruptedException;

  /** The newest modification time of all that a result holds; empty where it holds nothing. */
  Optional<Instant> newest(Result root) throws InterruptedException;
}
