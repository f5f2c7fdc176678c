package dev.jbuild.daemon.build;

import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of a file of a result.
 *
 * @param name the last part of its path; empty for the root
 * @param mode type and permission bits as {@code st_mode} has them
 * @param linkTarget of a symbolic link, else empty
 * @param deviceMajor of the device that it stands for
 * @param attributes extended ones, by name
 */
public record FileEntry(
    String name,
    int mode,
    int uid,
    int gid,
    long sizeBytes,
    long modifiedNanos,
    String linkTarget,
    int deviceMajor,
    int deviceMinor,
    Map<String, Bytes> attributes) {
  public FileEntry {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /** What the kernel says of a file. */
  public static FileEntry of(
      String name, FileStat stat, String linkTarget, Map<String, Bytes> attributes) {
    return new FileEntry(
        name,
        stat.mode(),
        stat.uid(),
        stat.gid(),
        stat.isRegular() ? stat.sizeBytes() : 0,
        stat.modifiedNanos(),
        linkTarget,
        stat.deviceMajor(),
        stat.deviceMinor(),
        attributes);
  }
}
