package dev.jbuild.network.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The switch that lets packets pass from the bridge to the outside. Switched on only where it is
 * off, and off again when the last jbuild of the host goes: a mark beside the lock remembers that
 * it was us. To be used under the {@link HostLock}, on the network thread.
 */
final class Forwarding {
  private static final System.Logger LOG = System.getLogger(Forwarding.class.getName());
  private static final Path SWITCH = Path.of("/proc/sys/net/ipv4/ip_forward");

  private final Path mark;

  Forwarding(Path lockDirectory) {
    this.mark = lockDirectory.resolve("ip_forward-was-off");
  }

  void enable() throws IOException {
    if (Files.readString(SWITCH).strip().equals("0")) {
      Files.writeString(mark, "");
      Files.writeString(SWITCH, "1");
      LOG.log(
          System.Logger.Level.INFO,
          "net.ipv4.ip_forward set to 1 for the bridge network; set back when it is removed");
    }
  }

  /**
   * Sets back what was changed.
   *
   * @param otherNetworks whether another jbuild's bridge is still there
   */
  void restore(boolean otherNetworks) throws IOException {
    if (!otherNetworks && Files.deleteIfExists(mark)) {
      Files.writeString(SWITCH, "0");
      LOG.log(System.Logger.Level.INFO, "net.ipv4.ip_forward set back to 0");
    }
  }
}
