package dev.jbuild.linux.netlink;

import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A route of any table.
 *
 * @param destination null for the default route
 * @param prefixLength leading bits of the destination that count
 * @param gateway null where there is none
 * @param linkIndex the interface it leads through; 0 for several or none
 * @param local whether the destination is an address of the host itself
 * @param ipv6 whether it is one of IPv6
 */
public record Route(
    @Nullable InetAddress destination,
    int prefixLength,
    @Nullable InetAddress gateway,
    int linkIndex,
    boolean local,
    boolean ipv6) {

  private static final int TYPE_LOCAL = 2;
  private static final int AF_INET6 = 10;

  /** Reads a message of type {@code RTM_NEWROUTE}. */
  public static Route read(Reply reply) throws IOException {
    var payload = reply.atLeast(RouteBatch.ROUTE_BYTES).payload();
    var attributes = reply.attributes(RouteBatch.ROUTE_BYTES);
    return new Route(
        attributes.address(RouteBatch.RTA_DST),
        payload.get(1) & 0xff,
        attributes.address(RouteBatch.RTA_GATEWAY),
        attributes.u32(RouteBatch.RTA_OIF, 0),
        payload.get(7) == TYPE_LOCAL,
        payload.get(0) == AF_INET6);
  }
}
