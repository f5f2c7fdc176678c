package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;

/** Tells whether a path differs between two trees. Source: OCI image-spec, layer.md, "Changes". */
public final class NodeChanges {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final FileTree before;
  private final FileTree after;

  public NodeChanges(FileTree before, FileTree after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Whether type, mode, owner, device numbers or attributes differ, and for all but directories
   * size, time or link target. The time of a file whose nanoseconds were cut off somewhere says too
   * little: then the content decides.
   */
  public boolean differs(FileNode old, FileNode now) throws IOException {
    FileStat a = old.stat();
    FileStat b = now.stat();
    if (a.mode() != b.mode()
        || a.uid() != b.uid()
        || a.gid() != b.gid()
        || !old.linkTarget().equals(now.linkTarget())
        || !sameDevice(a, b)
        || !sameAttributes(before.attributes(old), after.attributes(now))) {
      return true;
    }
    if (b.isDirectory() || (a.modifiedNanos() == b.modifiedNanos() && sameSize(a, b))) {
      return false;
    }
    return !(b.isRegular() && sameSize(a, b) && cutOff(a, b) && sameContent(old, now))
        && !(b.isSymlink() && cutOff(a, b));
  }

  private static boolean sameDevice(FileStat a, FileStat b) {
    return a.deviceMajor() == b.deviceMajor() && a.deviceMinor() == b.deviceMinor();
  }

  private static boolean sameSize(FileStat a, FileStat b) {
    return !b.isRegular() || a.sizeBytes() == b.sizeBytes();
  }

  private static boolean cutOff(FileStat a, FileStat b) {
    return Math.floorDiv(a.modifiedNanos(), NANOS_PER_SECOND)
            == Math.floorDiv(b.modifiedNanos(), NANOS_PER_SECOND)
        && (Math.floorMod(a.modifiedNanos(), NANOS_PER_SECOND) == 0
            || Math.floorMod(b.modifiedNanos(), NANOS_PER_SECOND) == 0);
  }

  private static boolean sameContent(FileNode old, FileNode now) throws IOException {
    return Files.mismatch(old.file(), now.file()) < 0;
  }

  private static boolean sameAttributes(Map<String, byte[]> a, Map<String, byte[]> b) {
    return a.keySet().equals(b.keySet())
        && a.entrySet().stream()
            .allMatch(entry -> Arrays.equals(entry.getValue(), b.get(entry.getKey())));
  }
}
