package dev.jbuild.network.bridge;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.Reply;
import dev.jbuild.linux.netlink.Route;
import dev.jbuild.linux.netlink.RouteBatch;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the bridge with its rules, and takes both away. To be used on the network thread, under the
 * {@link HostLock}.
 */
final class BridgeSetup {
  /** What the alias of each jbuild's bridge starts with. */
  private static final String ALIAS = "jbuild, steps of ";

  private static final Path IPV6 = Path.of("/proc/sys/net/ipv6/conf");

  private final BridgeConfig config;
  private final PacketFilter filter;
  private final Forwarding forwarding;

  BridgeSetup(BridgeConfig config) {
    this.config = config;
    this.filter = new PacketFilter(config.nft());
    this.forwarding = new Forwarding(config.lockDirectory());
  }

  /** What {@link #make} made. */
  record Made(HostBridge bridge, InstalledRules rules, StepElements elements) {}

  /**
   * Makes everything anew; what a killed process of the same root left is removed first.
   *
   * @param apart addresses that steps must not have, because the host asks there for names
   */
  Made make(NetworkScope scope, Collection<InetAddress> apart) throws IOException {
    removeLinks(scope);
    refuseForeignBridge(scope);
    var uplinks = new Uplinks(routes(scope), links(scope));
    var subnet = choose(uplinks.routes(), apart);
    var subnet6 = wantsIpv6(uplinks) ? config.subnet6() : null;
    var ruleset =
        new Ruleset(
            config.tableName(),
            config.bridgeName(),
            subnet,
            subnet6,
            config.logGroup(),
            config.isolation());
    // Rules first: there is no moment at which a bridge stands without them.
    var rules = new InstalledRules(filter, ruleset);
    rules.install(scope);
    boolean complete = false;
    try {
      int mtu = config.links().mtu() == 0 ? uplinks.mtu() : config.links().mtu();
      var bridge = makeBridge(scope, subnet, subnet6, mtu);
      forwarding.enable();
      if (subnet6 != null) {
        forwarding.enable6(uplinks.names6());
      }
      complete = true;
      return new Made(bridge, rules, new StepElements(config.tableName(), subnet, subnet6));
    } finally {
      if (!complete) {
        removeLinks(scope);
        rules.remove();
        rules.close();
      }
    }
  }

  private void refuseForeignBridge(NetworkScope scope) throws IOException {
    for (var link : links(scope)) {
      if (link.name().equals(config.bridgeName())) {
        throw new BuildException(
            Code.INVALID,
            "bridge network: the link '"
                + link.name()
                + "' is there already and is not ours; configure another bridge name");
      }
    }
  }

  private boolean wantsIpv6(Uplinks uplinks) {
    return switch (config.addresses().ipv6()) {
      case OFF -> false;
      case AUTO -> Files.isDirectory(IPV6) && !uplinks.names6().isEmpty();
      case ON -> {
        if (!Files.isDirectory(IPV6)) {
          throw new BuildException(
              Code.INVALID,
              "bridge network: IPv6 is switched on in the configuration,"
                  + " but this kernel has none; set it to 'auto' or 'false'");
        }
        yield true;
      }
    };
  }

  private HostBridge makeBridge(
      NetworkScope scope, Subnet subnet, @Nullable Subnet6 subnet6, int mtu) throws IOException {
    String name = config.bridgeName();
    boolean ipv6 = Files.isDirectory(IPV6);
    var hardware = HardwareAddress.of(subnet.gateway());
    String alias = ALIAS + config.root();
    String shown = alias.substring(0, Math.min(80, alias.length()));
    var links = scope.links();
    links.exchange(
        scope.batch().makeBridge(name, config.linkGroup(), hardware, mtu, shown).batch());
    if (ipv6) {
      String off = subnet6 == null ? "1" : "0";
      Files.writeString(IPV6.resolve(name).resolve("disable_ipv6"), off);
    }
    var found = links.exchange(scope.batch().up(name, ipv6).link(name).batch());
    int index = Link.read(found.getLast()).index();
    var batch = scope.batch().address(index, subnet.gateway(), subnet.prefixLength());
    if (subnet6 != null) {
      batch.address(index, subnet6.gateway(), Subnet6.PREFIX_LENGTH);
    }
    links.exchange(batch.batch());
    return new HostBridge(
        name, index, config.linkGroup(), config.portPrefix(), subnet, subnet6, mtu, ipv6);
  }

  /**
   * Takes away the bridge, its ports, the rules, and sets forwarding back.
   *
   * @return how many deletions it took
   */
  int remove(NetworkScope scope) throws IOException {
    int deletions = removeLinks(scope);
    filter.apply(Ruleset.remove(config.tableName()));
    if (links(scope).stream().noneMatch(link -> link.alias().startsWith(ALIAS))) {
      forwarding.restore();
    }
    return deletions;
  }

  /** By group, all at once, then what carries our names without being in it. */
  private int removeLinks(NetworkScope scope) throws IOException {
    int removed = delete(scope, scope.batch().deleteGroup(config.linkGroup()));
    for (var link : links(scope)) {
      if (link.name().startsWith(config.portPrefix())) {
        removed += delete(scope, scope.batch().deleteLink(link));
      }
    }
    return removed;
  }

  /** 0 when there was nothing, or no longer: namespaces end by themselves. */
  private static int delete(NetworkScope scope, RouteBatch request) throws IOException {
    try {
      scope.links().exchange(request.batch());
      return 1;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENODEV) {
        return 0;
      }
      throw e;
    }
  }

  private Subnet choose(List<Route> routes, Collection<InetAddress> apart) {
    for (var subnet : config.addresses().subnets()) {
      if (routes.stream().noneMatch(subnet::overlaps)
          && apart.stream()
              .noneMatch(each -> each instanceof Inet4Address ipv4 && subnet.contains(ipv4))) {
        return subnet;
      }
    }
    throw new BuildException(
        Code.RESOURCE_EXHAUSTED,
        "bridge network: each of the subnets "
            + config.addresses().subnets().stream()
                .map(Subnet::toString)
                .collect(Collectors.joining(", "))
            + " touches a route of the host; configure one that is free");
  }

  private static List<Route> routes(NetworkScope scope) throws IOException {
    var routes = new ArrayList<Route>();
    for (Reply reply : scope.links().dump(scope.batch().routes().batch())) {
      routes.add(Route.read(reply));
    }
    if (Files.isDirectory(IPV6)) {
      for (Reply reply : scope.links().dump(scope.batch().routes6().batch())) {
        routes.add(Route.read(reply));
      }
    }
    return routes;
  }

  /** All links of the host. */
  static List<Link> links(NetworkScope scope) throws IOException {
    var links = new ArrayList<Link>();
    for (Reply reply : scope.links().dump(scope.batch().links().batch())) {
      links.add(Link.read(reply));
    }
    return links;
  }
}
