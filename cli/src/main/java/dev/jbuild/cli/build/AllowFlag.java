package dev.jbuild.cli.build;

import dev.jbuild.netplan.HostPorts;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The values of {@code --allow}. */
final class AllowFlag {
  private static final String HOST_PORTS = "network.host=";

  /** What can only go on with the ports of the field before it. */
  private static final Pattern MORE_PORTS = Pattern.compile("[0-9a-fA-F.:\\[\\]]+:[0-9-]+");

  private AllowFlag() {}

  /**
   * Entitlements by id. Ports of the host are checked here, all others by the daemon, which may
   * know more of them than this client.
   *
   * @param values each one or several entitlements, separated by commas; {@code
   *     network.host=127.0.0.1:80,127.0.0.1:443} are two
   * @throws UsageException when ports can not be understood
   */
  static SortedSet<String> entitlements(List<String> values) {
    var ids = new TreeSet<String>();
    for (String value : values) {
      boolean ports = false;
      for (String field : Csv.fields(value)) {
        String word = field.strip();
        boolean more = ports && MORE_PORTS.matcher(word).matches();
        ports = more || word.startsWith(HOST_PORTS);
        ids.add(ports ? hostPorts(more ? word : word.substring(HOST_PORTS.length())) : word);
      }
    }
    return ids;
  }

  private static String hostPorts(String text) {
    return HOST_PORTS
        + NetworkAttrs.understood(
            "--allow " + HOST_PORTS + text + ": ", () -> HostPorts.parse(text));
  }
}
