package dev.jbuild.network.meter;

import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An entry of the table of flows: a step and whom it talks to.
 *
 * @param step id of its control group
 * @param address IPv4 addresses are kept as {@code ::ffff:a.b.c.d} in the table, and are IPv4 here
 * @param port of the peer; 0 where it began, or where the protocol has none
 * @param protocol number as in the IP header, ICMPv6 as ICMP
 * @param last what became of the last attempt to connect: one of the constants
 */
record Flow(
    long step,
    InetAddress address,
    int port,
    int protocol,
    long bytesSent,
    long bytesReceived,
    int packetsSent,
    int packetsReceived,
    int last,
    boolean incoming) {
  static final int KEY_BYTES = 32;
  static final int STEP = 0;
  static final int ADDRESS = 8;
  static final int PORT = 24;
  static final int PROTOCOL = 26;

  static final int VALUE_BYTES = 32;
  static final int SENT = 0;
  static final int RECEIVED = 8;
  static final int PACKETS_SENT = 16;
  static final int PACKETS_RECEIVED = 20;
  static final int LAST = 24;
  static final int INCOMING = 28;

  /** The connection was accepted. */
  static final int ACCEPTED = 1;

  /** A reset came instead. */
  static final int RESET = 2;

  static final int ICMP = 1;
  static final int TCP = 6;
  static final int UDP = 17;
  static final int ICMP6 = 58;

  private static final int ADDRESS_BYTES = 16;
  private static final int PORT_MASK = 0xffff;
  private static final int BYTE_MASK = 0xff;

  /**
   * Reads an entry.
   *
   * @param entry key and value
   */
  static Flow read(byte[] entry) {
    if (entry.length != KEY_BYTES + VALUE_BYTES) {
      throw new IllegalArgumentException("flow: " + entry.length + " bytes");
    }
    var bytes = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
    var address = new byte[ADDRESS_BYTES];
    bytes.get(ADDRESS, address);
    return new Flow(
        bytes.getLong(STEP),
        address(address),
        bytes.getShort(PORT) & PORT_MASK,
        bytes.get(PROTOCOL) & BYTE_MASK,
        bytes.getLong(KEY_BYTES + SENT),
        bytes.getLong(KEY_BYTES + RECEIVED),
        bytes.getInt(KEY_BYTES + PACKETS_SENT),
        bytes.getInt(KEY_BYTES + PACKETS_RECEIVED),
        bytes.getInt(KEY_BYTES + LAST),
        bytes.getInt(KEY_BYTES + INCOMING) != 0);
  }

  /** Addresses in which IPv4 is mapped come out as IPv4. */
  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // only for other lengths
    }
  }

  Peer peer() {
    return new Peer(kind(), address, port, "", bytesSent, bytesReceived, state(), incoming);
  }

  private Protocol kind() {
    return switch (protocol) {
      case TCP -> Protocol.TCP;
      case UDP -> Protocol.UDP;
      case ICMP -> Protocol.ICMP;
      default -> Protocol.OTHER;
    };
  }

  private Peer.State state() {
    if (last == RESET) {
      return Peer.State.REFUSED;
    }
    return packetsReceived != 0 || incoming ? Peer.State.ANSWERED : Peer.State.SILENT;
  }
}
