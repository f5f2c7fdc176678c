package dev.jbuild.daemon.config;

import dev.jbuild.daemon.config.NetworkConfig.Ipv6;
import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.network.bridge.Subnet;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code [network]} and {@code [dns]}. BuildKit's names for the same, in {@code
 * [worker.oci]}, count as well. Source: buildkitd.toml reference.
 */
final class NetworkTables {
  /** {@code IFNAMSIZ} without its final zero. */
  private static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9_.-]{1,15}");

  private static final int MAX_POOL = 1000;

  /** Least of IPv6 and most of a bridge. */
  private static final int MIN_MTU = 1280;

  private static final int MAX_MTU = 65_535;

  private final ConfigTable network;
  private final ConfigTable oci;

  private NetworkTables(ConfigTable network, ConfigTable oci) {
    this.network = network;
    this.oci = oci;
  }

  static NetworkConfig network(ConfigTable network, ConfigTable oci) {
    var config = new NetworkTables(network, oci).read();
    network.warnOfOthers();
    return config;
  }

  private NetworkConfig read() {
    CniBridge cni = cni();
    String bridgeName =
        either("bridgeName", text(network, "bridgeName"), "bridgeName", text(oci, "bridgeName"));
    String subnet =
        either("subnet", text(network, "subnet"), "bridgeSubnet", text(oci, "bridgeSubnet"));
    if (bridgeName == null && !cni.name().isEmpty()) {
      bridgeName = cni.name();
    }
    if (subnet == null && !cni.subnet().isEmpty()) {
      subnet = cni.subnet();
    }
    return new NetworkConfig(
        either("poolSize", size(network, "poolSize"), "cniPoolSize", size(oci, "cniPoolSize")),
        bridgeName == null ? "" : bridgeName,
        subnet == null ? "" : subnet,
        ipv6(),
        network.number("mtu", 0, MIN_MTU, MAX_MTU),
        network.bool("icc", false),
        network.bool("blockPrivate", false),
        egress());
  }

  /** What a CNI configuration says of its bridge, if that mode was chosen. */
  private CniBridge cni() {
    oci.tolerate("cniBinaryPath");
    if (!oci.string("networkMode", "").equals("cni")) {
      oci.withoutEffect("cniConfigPath", "networkMode is not cni");
      return CniBridge.UNSAID;
    }
    Path file = Path.of(oci.string("cniConfigPath", CniBridge.DEFAULT_FILE));
    try {
      return CniBridge.read(file);
    } catch (BuildException e) {
      throw oci.invalid(oci.has("cniConfigPath") ? "cniConfigPath" : "networkMode", e.message());
    }
  }

  private static @Nullable Integer size(ConfigTable table, String key) {
    return table.has(key) ? table.number(key, 0, 0, MAX_POOL) : null;
  }

  private static @Nullable String text(ConfigTable table, String key) {
    if (!table.has(key)) {
      return null;
    }
    String text = table.string(key, "");
    if (key.equals("bridgeName")) {
      if (!INTERFACE.matcher(text).matches()) {
        throw table.invalid(
            key, "want the name of an interface, 1 to 15 of A-Z a-z 0-9 _ . -, got '" + text + "'");
      }
    } else {
      try {
        Objects.requireNonNull(Subnet.parse(text));
      } catch (IllegalArgumentException e) {
        throw table.invalid(key, String.valueOf(e.getMessage()).replaceFirst("^subnet: ", ""));
      }
    }
    return text;
  }

  /** The one of two keys that is given; both may be, with the same value. */
  private <T> @Nullable T either(String key, @Nullable T own, String otherKey, @Nullable T other) {
    if (own != null && other != null && !own.equals(other)) {
      throw oci.invalid(
          otherKey,
          "is '"
              + other
              + "', but network."
              + key
              + " is '"
              + own
              + "', and both mean the same;"
              + " give one of them");
    }
    return own == null ? other : own;
  }

  private Ipv6 ipv6() {
    if (network.isText("ipv6")) {
      network.oneOf("ipv6", "auto", List.of("auto"));
      return Ipv6.AUTO;
    }
    return !network.has("ipv6") ? Ipv6.AUTO : network.bool("ipv6", false) ? Ipv6.ON : Ipv6.OFF;
  }

  private EgressRules egress() {
    List<String> texts = network.strings("egress");
    try {
      return EgressRules.parse(texts);
    } catch (BuildException e) {
      throw network.invalid("egress", e.message());
    }
  }

  /** Resolvers and names of steps whose build names none. */
  static DnsSettings dns(ConfigTable table) {
    List<String> servers = table.strings("nameservers");
    List<String> search = table.strings("searchDomains");
    List<String> options = table.strings("options");
    check(table, "nameservers", () -> DnsSettings.parse(servers, List.of(), List.of()));
    check(table, "searchDomains", () -> DnsSettings.parse(List.of(), search, List.of()));
    check(table, "options", () -> DnsSettings.parse(List.of(), List.of(), options));
    table.warnOfOthers();
    return DnsSettings.parse(servers, search, options);
  }

  /** The errors tell of a flag; here they shall tell of a key. */
  private static void check(ConfigTable table, String key, Supplier<DnsSettings> parse) {
    try {
      Objects.requireNonNull(parse.get());
    } catch (BuildException e) {
      throw table.invalid(key, e.message().replaceFirst("^dns[a-z-]*: ", ""));
    }
  }
}
