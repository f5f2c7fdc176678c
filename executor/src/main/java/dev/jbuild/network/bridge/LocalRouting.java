package dev.jbuild.network.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The switch that lets packets from our bridge be sent on to the host's loopback: on while a step
 * has ports of the host, which the rules then name one by one. To be used on the network thread.
 */
final class LocalRouting {
  private static final System.Logger LOG = System.getLogger(LocalRouting.class.getName());
  private static final Path LINKS = Path.of("/proc/sys/net/ipv4/conf");

  private final String bridge;
  private int users;
  private boolean changed;

  LocalRouting(String bridge) {
    this.bridge = bridge;
  }

  /** For one step more. */
  void use() throws IOException {
    if (users == 0 && Files.readString(file(bridge)).strip().equals("0")) {
      Files.writeString(file(bridge), "1");
      changed = true;
      LOG.log(
          System.Logger.Level.INFO,
          "net.ipv4.conf.{0}.route_localnet set to 1 for granted host ports; set back after them",
          bridge);
    }
    users++;
  }

  /** For one step less. */
  void leave() throws IOException {
    users--;
    if (users == 0 && changed) {
      changed = false;
      try {
        Files.writeString(file(bridge), "0");
      } catch (NoSuchFileException e) {
        // The bridge is gone, and the switch with it.
      }
    }
  }

  /** The same for a link of the namespace the thread is in. */
  static void switchOn(String link) throws IOException {
    Files.writeString(file(link), "1");
  }

  private static Path file(String link) {
    return LINKS.resolve(link).resolve("route_localnet");
  }
}
