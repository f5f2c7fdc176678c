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
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes the bridge with its rules, and takes both away. To be used on the network thread, under the
 * {@link HostLock}.
 */
final class BridgeSetup {
  private static final int DEFAULT_MTU = 1500;
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
  record Made(HostBridge bridge, InstalledRules rules, Set<InetAddress> hostAddresses) {
    Made {
      hostAddresses = Set.copyOf(hostAddresses);
    }
  }

  /** Makes everything anew; what a killed process of the same root left is removed first. */
  Made make(NetworkScope scope) throws IOException {
    removeLinks(scope);
    var routes = routes(scope);
    var hostAddresses =
        routes.stream()
            .filter(Route::local)
            .map(Route::destination)
            .filter(Inet4Address.class::isInstance)
            .map(InetAddress.class::cast)
            .collect(Collectors.toUnmodifiableSet());
    var resolvers = config.resolvers().select(hostAddresses).servers();
    var subnet = choose(routes, resolvers);
    var ruleset =
        new Ruleset(
            config.tableName(),
            config.bridgeName(),
            subnet,
            null,
            config.logGroup(),
            Isolation.USUAL);
    // Rules first: there is no moment at which a bridge stands without them.
    var rules = new InstalledRules(filter, ruleset);
    rules.install(scope);
    boolean complete = false;
    try {
      var bridge = makeBridge(scope, subnet, mtu(scope, routes));
      forwarding.enable();
      complete = true;
      return new Made(bridge, rules, hostAddresses);
    } finally {
      if (!complete) {
        removeLinks(scope);
        rules.remove();
      }
    }
  }

  private HostBridge makeBridge(NetworkScope scope, Subnet subnet, int mtu) throws IOException {
    String name = config.bridgeName();
    boolean ipv6 = Files.isDirectory(IPV6);
    var address = HardwareAddress.of(subnet.gateway());
    String alias = "jbuild, steps of " + config.root();
    scope
        .links()
        .exchange(
            scope
                .batch()
                .makeBridge(
                    name,
                    config.linkGroup(),
                    address,
                    mtu,
                    alias.substring(0, Math.min(80, alias.length())))
                .batch());
    if (ipv6) {
      Files.writeString(IPV6.resolve(name).resolve("disable_ipv6"), "1");
    }
    var found = scope.links().exchange(scope.batch().up(name, ipv6).link(name).batch());
    int index = Link.read(found.getLast()).index();
    scope
        .links()
        .exchange(scope.batch().address(index, subnet.gateway(), subnet.prefixLength()).batch());
    return new HostBridge(name, index, config.linkGroup(), subnet, mtu, ipv6);
  }

  /**
   * Takes away the bridge, its ports, the rules, and sets forwarding back.
   *
   * @return how many deletions it took
   */
  int remove(NetworkScope scope) throws IOException {
    int links = removeLinks(scope);
    filter.apply(Ruleset.remove(config.tableName()));
    boolean others =
        links(scope).stream()
            .anyMatch(link -> link.kind().equals("bridge") && link.name().matches("jb[0-9a-f]{8}"));
    forwarding.restore(others);
    return links;
  }

  /** By group, all at once, then what carries our names without being in it. */
  private int removeLinks(NetworkScope scope) throws IOException {
    int removed = delete(scope, scope.batch().deleteGroup(config.linkGroup()));
    for (var link : links(scope)) {
      if (link.name().startsWith(config.bridgeName())) {
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

  private Subnet choose(List<Route> routes, List<Inet4Address> resolvers) {
    for (var subnet : config.subnets()) {
      if (routes.stream().noneMatch(subnet::overlaps)
          && resolvers.stream().noneMatch(subnet::contains)) {
        return subnet;
      }
    }
    throw new BuildException(
        Code.RESOURCE_EXHAUSTED,
        "bridge network: each of the subnets "
            + config.subnets().stream().map(Subnet::toString).collect(Collectors.joining(", "))
            + " touches a route of the host; configure one that is free");
  }

  /** Of the link that the default route leads through. */
  private static int mtu(NetworkScope scope, List<Route> routes) throws IOException {
    for (var route : routes) {
      if (route.prefixLength() == 0 && route.linkIndex() != 0 && !route.local()) {
        for (var link : links(scope)) {
          if (link.index() == route.linkIndex() && link.mtu() > 0) {
            return link.mtu();
          }
        }
      }
    }
    return DEFAULT_MTU;
  }

  private static List<Route> routes(NetworkScope scope) throws IOException {
    var routes = new ArrayList<Route>();
    for (Reply reply : scope.links().dump(scope.batch().routes().batch())) {
      routes.add(Route.read(reply));
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
