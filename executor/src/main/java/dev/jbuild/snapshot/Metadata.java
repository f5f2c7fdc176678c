package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import java.util.Map;

/**
 * What a file has beside its content.
 *
 * @param permissions the twelve lower bits of the mode
 * @param modifiedNanos since the epoch
 * @param attributes extended ones; the arrays are not copied and must not be changed
 */
public record Metadata(
    int uid, int gid, int permissions, long modifiedNanos, Map<String, byte[]> attributes) {

  /** That of a node. */
  public static Metadata of(FileStat stat, Map<String, byte[]> attributes) {
    return new Metadata(
        stat.uid(), stat.gid(), stat.permissions(), stat.modifiedNanos(), attributes);
  }
}
