package dev.jbuild.network.bridge;

import dev.jbuild.network.ledger.Protocol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Who a packet is from and to, read with suspicion: a step can send any bytes. Source: RFC 791, RFC
 * 8200.
 *
 * @param port of the receiver; 0 where there is none, or it was cut off
 */
record LoggedPacket(InetAddress source, InetAddress destination, Protocol protocol, int port) {
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int MAX_EXTENSIONS = 8;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;
  private static final int FRAGMENT = 44;

  /** Reads a packet from its network header on; null when it is none. */
  static @Nullable LoggedPacket read(ByteBuffer packet) {
    int version = packet.limit() == 0 ? 0 : (packet.get(0) & 0xf0) >> 4;
    try {
      return switch (version) {
        case 4 -> ipv4(packet);
        case 6 -> ipv6(packet);
        default -> null;
      };
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable LoggedPacket ipv4(ByteBuffer packet) throws UnknownHostException {
    int header = (packet.get(0) & 0xf) * 4;
    if (packet.limit() < IPV4_BYTES || header < IPV4_BYTES) {
      return null;
    }
    boolean first = (packet.getShort(6) & 0x1fff) == 0;
    int next = packet.get(9) & 0xff;
    return of(address(packet, 12, 4), address(packet, 16, 4), next, packet, first ? header : -1);
  }

  private static @Nullable LoggedPacket ipv6(ByteBuffer packet) throws UnknownHostException {
    if (packet.limit() < IPV6_BYTES) {
      return null;
    }
    int next = packet.get(6) & 0xff;
    int at = IPV6_BYTES;
    boolean first = true;
    for (int i = 0; i < MAX_EXTENSIONS && isExtension(next) && at + 8 <= packet.limit(); i++) {
      int length = next == FRAGMENT ? 8 : ((packet.get(at + 1) & 0xff) + 1) * 8;
      first &= next != FRAGMENT || (packet.getShort(at + 2) & 0xfff8) == 0;
      next = packet.get(at) & 0xff;
      at += length;
    }
    return of(address(packet, 8, 16), address(packet, 24, 16), next, packet, first ? at : -1);
  }

  private static boolean isExtension(int next) {
    return next == 0 || next == 43 || next == FRAGMENT || next == 60;
  }

  private static LoggedPacket of(
      InetAddress source, InetAddress destination, int next, ByteBuffer packet, int at) {
    var protocol =
        switch (next) {
          case TCP -> Protocol.TCP;
          case UDP -> Protocol.UDP;
          case ICMP, ICMPV6 -> Protocol.ICMP;
          default -> Protocol.OTHER;
        };
    boolean hasPort = protocol == Protocol.TCP || protocol == Protocol.UDP;
    int port =
        hasPort && at >= 0 && at + 4 <= packet.limit() ? packet.getShort(at + 2) & 0xffff : 0;
    return new LoggedPacket(source, destination, protocol, port);
  }

  private static InetAddress address(ByteBuffer packet, int at, int length)
      throws UnknownHostException {
    byte[] bytes = new byte[length];
    packet.get(at, bytes);
    return InetAddress.getByAddress(bytes);
  }
}
