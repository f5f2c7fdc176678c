package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.ResourceLimit;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import dev.jbuild.process.spec.Capabilities;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How this process sees control groups.
 *
 * @param layout which hierarchies are mounted
 * @param hierarchies mount points that hold a step's group
 * @param writable whether groups can be made in them
 * @param unified whether version 2 is mounted beside version 1, where runtimes look for it
 */
record CgroupHost(Layout layout, List<Path> hierarchies, boolean writable, boolean unified) {
  static final String PARENT = "jbuild";
  private static final String MOUNT = "/sys/fs/cgroup";
  private static final String UNIFIED = MOUNT + "/unified";
  private static final int MOUNT_POINT_FIELD = 4;
  private static final int RLIMIT_MEMLOCK = 8;

  enum Layout {
    /** Only version 1, or version 2 beside it without controllers. */
    V1,
    /** Only version 2. */
    V2,
    /** Both, and version 2 has controllers: crun refuses to work. */
    HYBRID,
    NONE
  }

  CgroupHost {
    hierarchies = List.copyOf(hierarchies);
  }

  /** Looks at the mounts of this process and tries to make the parent group. */
  static CgroupHost detect() throws IOException {
    var lines = Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8);
    var controllers = Path.of(UNIFIED, "cgroup.controllers");
    boolean unifiedUsed = Files.isReadable(controllers) && !Files.readString(controllers).isBlank();
    var seen = of(lines, unifiedUsed);
    return new CgroupHost(
        seen.layout, seen.hierarchies, seen.layout != Layout.NONE && seen.canMake(), seen.unified);
  }

  /**
   * Reads mounts.
   *
   * @param mountInfo lines as in proc_pid_mountinfo(5)
   * @param unifiedUsed whether {@code /sys/fs/cgroup/unified/cgroup.controllers} names any
   */
  static CgroupHost of(List<String> mountInfo, boolean unifiedUsed) {
    Map<String, String> types = new LinkedHashMap<>(); // a later mount hides an earlier one
    for (String line : mountInfo) {
      String[] fields = line.split(" ");
      int dash = List.of(fields).indexOf("-");
      if (dash > MOUNT_POINT_FIELD && dash + 1 < fields.length) {
        String point = fields[MOUNT_POINT_FIELD];
        if (point.equals(MOUNT) || point.startsWith(MOUNT + "/")) {
          types.remove(point);
          types.put(point, fields[dash + 1]);
        }
      }
    }
    if ("cgroup2".equals(types.get(MOUNT))) {
      return new CgroupHost(Layout.V2, List.of(Path.of(MOUNT)), false, false);
    }
    boolean unified = "cgroup2".equals(types.get(UNIFIED));
    var first = new ArrayList<Path>();
    for (var entry : types.entrySet()) {
      if (entry.getValue().equals("cgroup")) {
        first.add(Path.of(entry.getKey()));
      }
    }
    if (first.isEmpty()) {
      return new CgroupHost(Layout.NONE, List.of(), false, unified);
    }
    var layout = unified && unifiedUsed ? Layout.HYBRID : Layout.V1;
    return new CgroupHost(layout, first, false, unified);
  }

  private boolean canMake() {
    for (Path hierarchy : hierarchies) {
      try {
        var parent = Files.createDirectories(hierarchy.resolve(PARENT));
        if (!Files.isWritable(parent)) { // it may be there, on a read-only mount
          return false;
        }
      } catch (IOException refused) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a step's group keeps device nodes from being opened. In version 2 that takes a program
   * in the kernel, for which crun raises a limit that only CAP_SYS_RESOURCE may raise; it fails
   * without.
   */
  boolean guardsDevices(Kind kind, Kernel kernel) throws IOException {
    if (!writable) {
      return false;
    }
    if (layout != Layout.V2) {
      return hierarchies.contains(Path.of(MOUNT, "devices"));
    }
    return kind == Kind.RUNC
        || Capabilities.has(kernel.effectiveCapabilities(), Capabilities.SYS_RESOURCE)
        || kernel.limit(RLIMIT_MEMLOCK).hard() == ResourceLimit.UNLIMITED;
  }

  /**
   * The group of a step as the runtime wants it.
   *
   * @param parent the parent a client asked for, empty for jbuild's own
   */
  static String path(String parent, String stepId) {
    String base = parent.isEmpty() ? PARENT : parent;
    return (base.startsWith("/") ? base : "/" + base) + "/" + stepId;
  }

  /** Whether the runtime itself puts a step into this group of version 2, or one below. */
  boolean places(Path group) {
    return layout == Layout.V2 && writable && group.startsWith(MOUNT);
  }

  /** A group that the runtime {@link #places} steps in, as it wants it. */
  String path(Path group) {
    return "/" + Path.of(MOUNT).relativize(group);
  }

  /** Directories of a group that may be left when the runtime is gone. */
  List<Path> directories(String path) {
    var all = new ArrayList<Path>();
    for (Path hierarchy : hierarchies) {
      all.add(Path.of(hierarchy + path));
    }
    if (layout == Layout.V1) {
      // With version 2 out of the way, crun makes a plain directory where it was mounted.
      all.add(Path.of(UNIFIED + path));
    }
    return all;
  }

  /**
   * What to put before a command of a runtime.
   *
   * @param watched whether the step must stay in the group of version 2 that it starts in: runtimes
   *     move it into another one where they find that version mounted
   */
  List<String> wrapper(Kind kind, boolean watched) {
    boolean refused = kind == Kind.CRUN && layout == Layout.HYBRID;
    return refused || (watched && unified)
        ? List.of(
            "unshare",
            "--mount",
            "--propagation",
            "slave",
            "sh",
            "-c",
            "umount "
                + UNIFIED
                + " && mount -t tmpfs -o size=64k,mode=755 none "
                + UNIFIED
                + " && exec \"$@\"",
            "jbuild-step")
        : List.of();
  }
}
