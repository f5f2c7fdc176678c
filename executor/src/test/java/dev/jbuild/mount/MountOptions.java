package dev.jbuild.mount;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Options in the form that {@code mount(2)} takes. Source: mount(8), linux/mount.h.
 *
 * @param flags {@code MS_*} without propagation
 * @param propagation {@code MS_PRIVATE} and the like, 0 for none
 * @param data what the file system itself reads, comma-separated
 */
record MountOptions(long flags, long propagation, String data) {
  private static final long RECURSIVE = 0x4000;

  /** {@code MS_BIND | MS_REC}. */
  static final long BIND_FLAGS = 0x1000 | RECURSIVE;

  private static final Map<String, Long> SET =
      Map.ofEntries(
          Map.entry("ro", 1L),
          Map.entry("nosuid", 2L),
          Map.entry("nodev", 4L),
          Map.entry("noexec", 8L),
          Map.entry("sync", 0x10L),
          Map.entry("dirsync", 0x80L),
          Map.entry("nosymfollow", 0x100L),
          Map.entry("noatime", 0x400L),
          Map.entry("nodiratime", 0x800L),
          Map.entry("bind", 0x1000L),
          Map.entry("rbind", BIND_FLAGS),
          Map.entry("relatime", 0x200000L),
          Map.entry("strictatime", 0x1000000L));
  private static final Map<String, Long> CLEAR =
      Map.of("rw", 1L, "suid", 2L, "dev", 4L, "exec", 8L, "async", 0x10L, "defaults", 0L);
  private static final Map<String, Long> PROPAGATION =
      Map.of(
          "unbindable",
          0x20000L,
          "runbindable",
          0x20000L | RECURSIVE,
          "private",
          0x40000L,
          "rprivate",
          0x40000L | RECURSIVE,
          "slave",
          0x80000L,
          "rslave",
          0x80000L | RECURSIVE,
          "shared",
          0x100000L,
          "rshared",
          0x100000L | RECURSIVE);

  static MountOptions parse(List<String> options) {
    long flags = 0;
    long propagation = 0;
    var data = new ArrayList<String>();
    for (String option : options) {
      Long set = SET.get(option);
      Long clear = CLEAR.get(option);
      Long spread = PROPAGATION.get(option);
      if (set != null) {
        flags |= set;
      } else if (clear != null) {
        flags &= ~clear;
      } else if (spread != null) {
        propagation = spread;
      } else {
        data.add(option);
      }
    }
    return new MountOptions(flags, propagation, String.join(",", data));
  }
}
