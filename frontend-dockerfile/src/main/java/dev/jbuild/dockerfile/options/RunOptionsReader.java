package dev.jbuild.dockerfile.options;

import dev.jbuild.llb.ExecMeta.HostIp;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import dev.jbuild.llb.ExecMeta.Ulimit;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@link RunOptions}. */
final class RunOptionsReader {
  /** An address that only the worker knows: the host as the step sees it. */
  private static final String HOST_GATEWAY = "host-gateway";

  private static final LinuxResources NO_LIMITS = new LinuxResources(0, 0, 0, 0, 0, "", "");

  private RunOptionsReader() {}

  static RunOptions read(Attributes attributes) {
    String hostname = attributes.orEmpty("build-arg:BUILDKIT_SANDBOX_HOSTNAME");
    return new RunOptions(
        network(attributes),
        hosts(attributes),
        hostname.isEmpty() ? attributes.orEmpty("hostname") : hostname,
        attributes.orEmpty("cgroup-parent"),
        attributes.number("shm-size", 0),
        ulimits(attributes),
        resources(attributes),
        proxy(attributes.below("build-arg:")),
        attributes.orEmpty("build-arg:BUILDKIT_CACHE_MOUNT_NS"));
  }

  private static NetMode network(Attributes attributes) {
    return switch (attributes.orEmpty("force-network-mode")) {
      case "", "sandbox", "default", "bridge" -> NetMode.SANDBOX;
      case "host" -> NetMode.HOST;
      case "none" -> NetMode.NONE;
      default ->
          throw attributes.wrong(
              "force-network-mode", "want none, host, bridge, sandbox or default");
    };
  }

  private static List<HostIp> hosts(Attributes attributes) {
    var hosts = new ArrayList<HostIp>();
    for (String entry : attributes.list("add-hosts")) {
      int equals = entry.indexOf('=');
      String address = entry.substring(equals + 1);
      if (equals <= 0 || !(address.equals(HOST_GATEWAY) || isAddress(address))) {
        throw attributes.wrong(
            "add-hosts", "want host=address, an address being numeric or host-gateway");
      }
      hosts.add(new HostIp(entry.substring(0, equals).toLowerCase(Locale.ROOT), address));
    }
    return hosts;
  }

  private static boolean isAddress(String text) {
    try {
      return !InetAddress.ofLiteral(text).getHostAddress().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<Ulimit> ulimits(Attributes attributes) {
    var limits = new ArrayList<Ulimit>();
    for (String entry : attributes.list("ulimit")) {
      int equals = entry.indexOf('=');
      String[] values = entry.substring(equals + 1).split(":", -1);
      try {
        if (equals <= 0 || values.length > 2) {
          throw new NumberFormatException("form");
        }
        long soft = Long.parseLong(values[0]);
        long hard = values.length == 2 ? Long.parseLong(values[1]) : soft;
        boolean softFits = hard < 0 || (soft >= 0 && soft <= hard);
        if (soft < -1 || hard < -1 || !softFits) {
          throw new NumberFormatException("range");
        }
        limits.add(new Ulimit(entry.substring(0, equals), soft, hard));
      } catch (NumberFormatException e) {
        throw attributes.wrong("ulimit", "want name=soft:hard, soft not above hard");
      }
    }
    return limits;
  }

  private static @Nullable LinuxResources resources(Attributes attributes) {
    var resources =
        new LinuxResources(
            attributes.number("memory", 0),
            attributes.number("memswap", -1),
            attributes.number("cpushares", 0),
            attributes.number("cpuperiod", 0),
            attributes.number("cpuquota", -1),
            attributes.orEmpty("cpusetcpus"),
            attributes.orEmpty("cpusetmems"));
    return resources.equals(NO_LIMITS) ? null : resources;
  }

  /** The last in alphabetical order wins where a name is given in several spellings. */
  private static ProxyEnv proxy(Map<String, String> buildArgs) {
    var byName = new TreeMap<String, String>();
    buildArgs.forEach((name, value) -> byName.put(name.toLowerCase(Locale.ROOT), value));
    return new ProxyEnv(
        byName.getOrDefault("http_proxy", ""),
        byName.getOrDefault("https_proxy", ""),
        byName.getOrDefault("ftp_proxy", ""),
        byName.getOrDefault("no_proxy", ""),
        byName.getOrDefault("all_proxy", ""));
  }
}
