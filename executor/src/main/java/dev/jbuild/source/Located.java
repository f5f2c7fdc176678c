package dev.jbuild.source;

import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.Snapshot;

/** Something that was found and can be brought in. */
public interface Located {

  /** Identifies the content: equal keys, equal file systems, whatever name led there. */
  Digest key();

  /** The file system; its layers may be known without being there. */
  Snapshot snapshot() throws InterruptedException;
}
