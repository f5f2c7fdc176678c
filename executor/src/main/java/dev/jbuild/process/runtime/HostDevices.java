package dev.jbuild.process.runtime;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.process.spec.RuntimeSpec.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The host's device nodes, for steps of security mode insecure. */
final class HostDevices {
  private static final Path DEV = Path.of("/dev");
  private static final int MAX_DEPTH = 4;
  private static final int MAX_DEVICES = 4096;

  /** What the sandbox has its own of. */
  private static final Set<String> OWN =
      Set.of(
          "pts", "shm", "mqueue", "fd", "console", "ptmx", "null", "zero", "full", "random",
          "urandom", "tty");

  private HostDevices() {}

  /** All nodes, sorted by path. */
  static List<Device> list(Kernel kernel) throws IOException {
    var devices = new ArrayList<Device>();
    walk(kernel, DEV, 0, devices);
    devices.sort((left, right) -> left.path().compareTo(right.path()));
    return devices;
  }

  private static void walk(Kernel kernel, Path directory, int depth, List<Device> devices)
      throws IOException {
    try (var children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (depth == 0 && OWN.contains(String.valueOf(child.getFileName()))) {
          continue;
        }
        var stat = kernel.stat(child);
        int type = stat.type();
        if (stat.isDirectory() && depth < MAX_DEPTH) {
          walk(kernel, child, depth + 1, devices);
        } else if ((type == FileStat.CHARACTER || type == FileStat.BLOCK)
            && devices.size() < MAX_DEVICES) {
          devices.add(
              new Device(
                  child.toString(),
                  type == FileStat.BLOCK ? "b" : "c",
                  stat.deviceMajor(),
                  stat.deviceMinor(),
                  stat.permissions(),
                  stat.uid(),
                  stat.gid()));
        }
      }
    }
  }
}
