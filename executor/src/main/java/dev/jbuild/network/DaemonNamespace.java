package dev.jbuild.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the network that this process has is the machine's. Only a difference can be seen, and
 * only against process 1: that two are the same proves nothing inside of a container.
 */
public final class DaemonNamespace {
  /** The first PID namespace, whose process 1 is the machine's. Source: linux/proc_ns.h. */
  private static final String FIRST_PIDS = "pid:[4026531836]";

  private DaemonNamespace() {}

  /**
   * A sentence for the log of steps in the host's network, or empty when nothing is certain.
   *
   * @param proc {@code /proc}
   */
  public static String notice(Path proc) {
    try {
      Path own = Files.readSymbolicLink(proc.resolve("self/ns/net"));
      Path first = Files.readSymbolicLink(proc.resolve("1/ns/net"));
      if (own.equals(first)) {
        return "";
      }
      Path pids = Files.readSymbolicLink(proc.resolve("self/ns/pid"));
      String whose =
          pids.toString().equals(FIRST_PIDS)
              ? ", not of the machine"
              : ", which is not that of process 1 here, the first of a container";
      return "the host network of this step is that of the daemon's network namespace"
          + whose
          + ": localhost, interfaces and ports are those of the namespace";
    } catch (IOException e) {
      return ""; // no /proc, or process 1 is not to be looked at
    }
  }
}
