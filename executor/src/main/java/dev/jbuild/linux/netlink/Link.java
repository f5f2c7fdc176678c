package dev.jbuild.linux.netlink;

import java.io.IOException;
import java.util.HexFormat;

/**
 * A network interface.
 *
 * @param index its number in its namespace
 * @param name {@code eth0}
 * @param kind {@code veth}, {@code bridge}, ..., or empty for a device of its own
 * @param hardwareAddress {@code 02:42:0a:59:00:02}, or empty
 * @param mtu in bytes
 * @param peerIndex number of the peer, in the peer's namespace; 0 for none
 * @param masterIndex number of the bridge that this is a port of; 0 for none
 * @param up whether it was switched on
 * @param running whether packets pass: the other end is on, too, and the kernel has noticed
 * @param alias words for the operator, or empty
 */
public record Link(
    int index,
    String name,
    String kind,
    String hardwareAddress,
    int mtu,
    int peerIndex,
    int masterIndex,
    boolean up,
    boolean running,
    String alias) {

  private static final int FLAG_UP = 1;
  private static final int FLAG_RUNNING = 0x40;

  /** Reads a message of type {@code RTM_NEWLINK}. */
  public static Link read(Reply reply) throws IOException {
    var payload = reply.atLeast(RouteBatch.LINK_BYTES).payload();
    var attributes = reply.attributes(RouteBatch.LINK_BYTES);
    byte[] address = attributes.bytes(RouteBatch.IFLA_ADDRESS);
    return new Link(
        payload.getInt(4),
        attributes.text(RouteBatch.IFLA_IFNAME),
        attributes.nested(RouteBatch.IFLA_LINKINFO).text(RouteBatch.IFLA_INFO_KIND),
        HexFormat.ofDelimiter(":").formatHex(address),
        attributes.u32(RouteBatch.IFLA_MTU, 0),
        attributes.u32(RouteBatch.IFLA_LINK, 0),
        attributes.u32(RouteBatch.IFLA_MASTER, 0),
        (payload.getInt(8) & FLAG_UP) != 0,
        (payload.getInt(8) & FLAG_RUNNING) != 0,
        attributes.text(RouteBatch.IFLA_IFALIAS));
  }
}
