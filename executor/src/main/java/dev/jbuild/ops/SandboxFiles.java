package dev.jbuild.ops;

import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Files of one mount of a sandbox, which its processes may change at the same time. Paths are
 * resolved inside the mount, symbolic links as if its root were {@code /}. Failures are {@link
 * dev.jbuild.error.BuildException}: NOT_FOUND when there is none of that path, INVALID when it is
 * of another kind. Safe for use by several threads.
 */
public interface SandboxFiles {

  /**
   * What is known of a file.
   *
   * @param name the last part of its path; empty for the root
   * @param linkTarget of a symbolic link, else empty
   * @param attributes extended ones, by name
   */
  record Seen(String name, FileStat stat, String linkTarget, Map<String, Bytes> attributes) {
    public Seen {
      attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }
  }

  /** A part of a regular file; shorter where the file ends. */
  Bytes read(String path, long offset, int maxBytes) throws InterruptedException;

  /** What a directory holds, those in it that are links as they are; by name. */
  List<Seen> list(String path) throws InterruptedException;

  /**
   * What a path names when all links are followed. An absolute link that leads to nothing in this
   * mount is given as it is: it may lead to something in another one.
   */
  Seen stat(String path) throws InterruptedException;
}
