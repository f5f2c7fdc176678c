package dev.jbuild.network;

import dev.jbuild.netplan.DnsSettings;
import java.util.List;

/** The host's own {@code resolv.conf} with what a build wants otherwise. Source: resolv.conf(5). */
final class HostResolvConf {
  private HostResolvConf() {}

  /** The text; what the settings leave open stays as the host has it. */
  static String of(String host, DnsSettings dns) {
    var text = new StringBuilder();
    dns.servers()
        .forEach(server -> text.append("nameserver ").append(server.getHostAddress()).append('\n'));
    line(text, "search", dns.search());
    line(text, "options", dns.options());
    for (String line : host.lines().toList()) {
      boolean replaced =
          switch (line.strip().split("\\s+", 2)[0]) {
            case "nameserver" -> !dns.servers().isEmpty();
            case "search", "domain" -> !dns.search().isEmpty();
            case "options" -> !dns.options().isEmpty();
            default -> false;
          };
      if (!replaced) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String key, List<String> words) {
    if (!words.isEmpty()) {
      text.append(key).append(' ').append(String.join(" ", words)).append('\n');
    }
  }
}
