package dev.jbuild.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The host's resolvers, as far as an isolated IPv4 step can reach them. No other is ever put in
 * their place. Source: resolv.conf(5).
 */
public final class HostResolvers {
  private static final int MAX_BYTES = 64 * 1024;
  private static final int MAX_SERVERS = 16;

  private final List<Path> files;

  /**
   * @param files tried in this order until one names a resolver that can be reached; the second is
   *     where systemd-resolved keeps the real ones behind its stub
   */
  public HostResolvers(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /** The usual files. */
  public static HostResolvers usual() {
    return new HostResolvers(
        List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf")));
  }

  /**
   * What a step may use.
   *
   * @param hostAddresses the host's own, which a step cannot reach
   */
  public Selection select(Set<InetAddress> hostAddresses) throws IOException {
    var refused = new ArrayList<String>();
    var first = new Selection(List.of(), List.of(), List.of());
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        var found = read(file, hostAddresses, refused);
        if (!found.servers().isEmpty()) {
          return found;
        }
        first = first.settings().isEmpty() ? found : first;
      }
    }
    return new Selection(List.of(), first.settings(), refused);
  }

  private static Selection read(Path file, Set<InetAddress> hostAddresses, List<String> refused)
      throws IOException {
    var servers = new ArrayList<Inet4Address>();
    var settings = new ArrayList<String>();
    for (String line : text(file).lines().toList()) {
      String[] words = line.strip().split("\\s+", 2);
      switch (words[0]) {
        case "search", "domain", "options", "sortlist" -> settings.add(line.strip());
        case "nameserver" -> {
          String value = words.length == 2 ? words[1] : "";
          var server = literal(value);
          if (server instanceof Inet4Address ipv4
              && !ipv4.isLoopbackAddress()
              && !ipv4.isAnyLocalAddress()
              && !hostAddresses.contains(ipv4)
              && servers.size() < MAX_SERVERS) {
            servers.add(ipv4);
          } else if (refused.size() < MAX_SERVERS) {
            refused.add(value);
          }
        }
        default -> {}
      }
    }
    return new Selection(servers, settings, refused);
  }

  private static InetAddress literal(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      // Not an address, or one with a zone: nothing a step can use.
      return InetAddress.getLoopbackAddress();
    }
  }

  private static String text(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }

  /**
   * Resolvers and settings for a step.
   *
   * @param servers in the host's order
   * @param settings whole lines: search list, options
   * @param refused resolvers of the host that a step cannot reach, as written
   */
  public record Selection(List<Inet4Address> servers, List<String> settings, List<String> refused) {
    public Selection {
      servers = List.copyOf(servers);
      settings = List.copyOf(settings);
      refused = List.copyOf(refused);
    }

    /** The text of a {@code /etc/resolv.conf}. */
    public String resolvConf() {
      var text = new StringBuilder();
      if (servers.isEmpty()) {
        text.append(
            refused.isEmpty()
                ? "# the host names no resolver\n"
                : "# no resolver: an isolated step cannot reach the host's "
                    + String.join(", ", refused)
                    + "\n");
      }
      servers.forEach(
          server -> text.append("nameserver ").append(server.getHostAddress()).append('\n'));
      settings.forEach(line -> text.append(line).append('\n'));
      return text.toString();
    }
  }
}
