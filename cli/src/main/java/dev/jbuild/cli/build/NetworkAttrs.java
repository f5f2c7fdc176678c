package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The options about the network of steps that flags become. The frontend reads {@code add-hosts}
 * and {@code force-network-mode}, the daemon the others, from whichever client they come.
 */
final class NetworkAttrs {
  /** The host as the step sees it: only the daemon knows the address. */
  private static final String HOST_GATEWAY = "host-gateway";

  private NetworkAttrs() {}

  /**
   * Adds the attributes.
   *
   * @throws UsageException when a value can not be understood
   */
  static void add(NetworkOptions options, Map<String, String> attrs) {
    switch (NetworkFlag.parse(options.mode())) {
      case DEFAULT -> {}
      case NONE -> attrs.put("force-network-mode", "none");
      case HOST -> attrs.put("force-network-mode", "host");
    }
    if (!options.addHosts().isEmpty()) {
      var hosts = new ArrayList<String>();
      options.addHosts().forEach(value -> hosts.add(host(value)));
      attrs.put("add-hosts", Csv.line(hosts));
    }
    List<String> servers = words(options.dns());
    List<String> search = words(options.dnsSearch());
    List<String> dnsOptions = words(options.dnsOptions());
    // Its texts begin with the flag's name without the dashes.
    understood("--", () -> DnsSettings.parse(servers, search, dnsOptions));
    put(attrs, "dns", servers);
    put(attrs, "dns-search", search);
    put(attrs, "dns-option", dnsOptions);
    if (!options.egress().isEmpty()) {
      attrs.put(
          "egress", understood("--egress: ", () -> EgressRules.parse(options.egress())).toString());
    }
    if (NetworkPlan.OPTIONS.stream().anyMatch(attrs::containsKey)) {
      attrs.put("frontend.caps", NetworkPlan.CAPABILITY);
    }
  }

  /** Gives what is read; says of what can not be, where it stood. */
  static <T> T understood(String prefix, Supplier<T> read) {
    try {
      return read.get();
    } catch (BuildException e) {
      throw new UsageException(prefix + e.message());
    }
  }

  private static List<String> words(List<String> values) {
    var words = new ArrayList<String>();
    for (String value : values) {
      for (String word : value.split(",", -1)) {
        words.add(word.strip());
      }
    }
    return words;
  }

  private static void put(Map<String, String> attrs, String key, List<String> words) {
    if (!words.isEmpty()) {
      attrs.put(key, String.join(",", words));
    }
  }

  /** {@code host:ip}, {@code host=ip}, with or without brackets around an IPv6 address. */
  private static String host(String value) {
    int equals = value.indexOf('=');
    int cut = equals > 0 ? equals : value.indexOf(':');
    if (cut < 1 || cut == value.length() - 1) {
      throw new UsageException("--add-host: want name:ip or name=ip, got '" + value + "'");
    }
    String name = value.substring(0, cut);
    if (name.chars().anyMatch(c -> c <= ' ' || c == '#' || c == ',')) {
      throw new UsageException(
          "--add-host: '" + name + "' in '" + value + "' can not be a host's name");
    }
    String ip = value.substring(cut + 1);
    if (ip.startsWith("[") && ip.endsWith("]")) {
      ip = ip.substring(1, ip.length() - 1);
    }
    if (!ip.equals(HOST_GATEWAY) && !isAddress(ip)) {
      throw new UsageException(
          "--add-host: '"
              + ip
              + "' in '"
              + value
              + "' is not an IP address, nor 'host-gateway' for the host as the step sees it");
    }
    return name + "=" + ip;
  }

  private static boolean isAddress(String text) {
    try {
      // The short forms of IPv4 addresses, such as 1.2, are no addresses in /etc/hosts.
      return text.indexOf(':') >= 0
          ? !InetAddress.ofLiteral(text).isMulticastAddress()
          : InetAddress.ofLiteral(text).getHostAddress().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
