package dev.jbuild.network.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The switches that let packets pass from the bridge to the outside. Each is changed only where it
 * must be, and set back when the last jbuild of the host goes: marks beside the lock remember that
 * it was us. To be used under the {@link HostLock}, on the network thread. Source: the kernel's
 * {@code networking/ip-sysctl}.
 */
final class Forwarding {
  private static final System.Logger LOG = System.getLogger(Forwarding.class.getName());
  private static final Path SETTINGS = Path.of("/proc/sys/net");
  private static final Path IPV4 = SETTINGS.resolve("ipv4/ip_forward");
  private static final Path IPV6 = SETTINGS.resolve("ipv6/conf/all/forwarding");
  private static final String ROUTER_MARK = "accept_ra-was-1-";

  private final Path marks;

  Forwarding(Path lockDirectory) {
    this.marks = lockDirectory;
  }

  /** Lets IPv4 pass. */
  void enable() throws IOException {
    if (is(IPV4, "0")) {
      change(marks.resolve("ip_forward-was-off"), IPV4, "1");
    }
  }

  /**
   * Lets IPv6 pass.
   *
   * @param uplinks whose routes come by router advertisements, perhaps; a host that forwards would
   *     throw such routes away and take no more
   */
  void enable6(Collection<String> uplinks) throws IOException {
    if (!is(IPV6, "0")) {
      return;
    }
    for (String uplink : uplinks) {
      if (is(acceptRouter(uplink), "1")) {
        change(marks.resolve(ROUTER_MARK + uplink), acceptRouter(uplink), "2");
      }
    }
    change(marks.resolve("ipv6_forwarding-was-off"), IPV6, "1");
  }

  /** Sets back what was changed, once no other jbuild's bridge is there. */
  void restore() throws IOException {
    if (Files.deleteIfExists(marks.resolve("ip_forward-was-off"))) {
      set(IPV4, "0");
    }
    if (Files.deleteIfExists(marks.resolve("ipv6_forwarding-was-off"))) {
      set(IPV6, "0");
    }
    for (Path mark : routerMarks()) {
      Files.deleteIfExists(mark);
      try {
        set(acceptRouter(mark.getFileName().toString().substring(ROUTER_MARK.length())), "1");
      } catch (NoSuchFileException e) {
        LOG.log(System.Logger.Level.DEBUG, "link of {0} is gone", mark.getFileName());
      }
    }
  }

  private List<Path> routerMarks() throws IOException {
    try (var files = Files.list(marks)) {
      return files.filter(file -> file.getFileName().toString().startsWith(ROUTER_MARK)).toList();
    }
  }

  private static Path acceptRouter(String link) {
    return SETTINGS.resolve("ipv6/conf").resolve(link).resolve("accept_ra");
  }

  private static boolean is(Path setting, String value) throws IOException {
    return Files.exists(setting) && Files.readString(setting).strip().equals(value);
  }

  private static void change(Path mark, Path setting, String value) throws IOException {
    Files.writeString(mark, "");
    Files.writeString(setting, value);
    LOG.log(
        System.Logger.Level.INFO,
        "{0} set to {1} for the bridge network; set back when it is removed",
        name(setting),
        value);
  }

  private static void set(Path setting, String value) throws IOException {
    Files.writeString(setting, value);
    LOG.log(System.Logger.Level.INFO, "{0} set back to {1}", name(setting), value);
  }

  /** {@code net/ipv4/ip_forward}, as sysctl(8) takes it also where a link has a dot. */
  private static String name(Path setting) {
    return "net/" + SETTINGS.relativize(setting);
  }
}
