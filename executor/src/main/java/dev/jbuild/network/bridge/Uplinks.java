package dev.jbuild.network.bridge;

import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.Route;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The host's ways to the outside.
 *
 * @param routes of the host, IPv4 and then IPv6
 * @param links of the host
 */
record Uplinks(List<Route> routes, List<Link> links) {
  private static final int DEFAULT_MTU = 1500;

  /** The loopback, where a kernel keeps routes that refuse. */
  private static final int LOOPBACK_INDEX = 1;

  Uplinks {
    routes = List.copyOf(routes);
    links = List.copyOf(links);
  }

  /** Of the link that the first default route leads through. */
  int mtu() {
    for (var route : routes) {
      if (leadsOut(route)) {
        for (var link : links) {
          if (link.index() == route.linkIndex() && link.mtu() > 0) {
            return link.mtu();
          }
        }
      }
    }
    return DEFAULT_MTU;
  }

  /** The links that IPv6 default routes lead through. */
  Set<String> names6() {
    var indexes =
        routes.stream()
            .filter(route -> leadsOut(route) && route.ipv6())
            .map(Route::linkIndex)
            .collect(Collectors.toSet());
    return links.stream()
        .filter(link -> indexes.contains(link.index()))
        .map(Link::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean leadsOut(Route route) {
    return route.prefixLength() == 0
        && route.linkIndex() != 0
        && route.linkIndex() != LOOPBACK_INDEX
        && !route.local();
  }
}
