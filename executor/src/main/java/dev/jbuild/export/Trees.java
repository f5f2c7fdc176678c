package dev.jbuild.export;

import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;

/** Opens snapshots for reading. Safe for use by several threads. */
public interface Trees {

  /** The merged files of a snapshot, whose layers are there afterwards. */
  FileTree open(Snapshot snapshot) throws IOException, InterruptedException;
}
