package dev.jbuild.network.meter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether this kernel keeps a socket's group of version 2. Before Linux 5.15 the place for it was
 * shared with two controllers of version 1, whose first use took it away for good; then programs
 * would see nothing and all would seem quiet.
 */
final class SocketGroups {
  private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
  private static final int MAJOR = 5;
  private static final int MINOR = 15;

  private SocketGroups() {}

  /** Looks at this machine. */
  static void check() throws IOException {
    String refusal = refusal(Files.readString(RELEASE).strip(), Files.readAllLines(MOUNTS));
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
  }

  /**
   * Why it does not, or an empty text.
   *
   * @param release as {@code uname -r} gives it
   * @param mountInfo lines as in proc_pid_mountinfo(5)
   */
  static String refusal(String release, List<String> mountInfo) {
    var version = VERSION.matcher(release);
    boolean known = version.matches();
    int major = known ? Integer.parseInt(version.group(1)) : 0;
    int minor = known ? Integer.parseInt(version.group(2)) : 0;
    if (major > MAJOR || (major == MAJOR && minor >= MINOR)) {
      return "";
    }
    boolean shared =
        mountInfo.stream()
            .anyMatch(
                line ->
                    line.contains(" - cgroup ")
                        && (line.contains("net_cls") || line.contains("net_prio")));
    return shared
        ? "kernel "
            + release
            + " keeps no group of version 2 for sockets where net_cls or net_prio is mounted"
        : "";
  }
}
