package dev.jbuild.network.meter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the programs count per step, whatever the peers. All are numbers of 32 bits without sign
 * that wrap around.
 *
 * @param sockets of IPv4 and IPv6
 * @param odd those of them that are neither TCP nor UDP: raw ones, ping, ...
 * @param others sockets of further families, such as netlink; not {@code AF_UNIX}
 * @param packet those of them that see or send whole packets
 * @param interfaces questions about the host's interfaces by {@code ioctl(2)}
 * @param beyond attempts to reach, or packets from, what is not on the own loopback
 * @param flows entries in the table of flows
 * @param lost flows that found no room there
 */
record StepCounts(
    int sockets, int odd, int others, int packet, int interfaces, int beyond, int flows, int lost) {
  static final int KEY_BYTES = 8;
  static final int BYTES = 32;
  static final int SOCKETS = 0;
  static final int ODD = 4;
  static final int OTHERS = 8;
  static final int PACKET = 12;
  static final int INTERFACES = 16;
  static final int BEYOND = 20;
  static final int FLOWS = 24;
  static final int LOST = 28;

  /** Reads a value of the map. */
  static StepCounts read(byte[] value) {
    var bytes = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    return new StepCounts(
        bytes.getInt(SOCKETS),
        bytes.getInt(ODD),
        bytes.getInt(OTHERS),
        bytes.getInt(PACKET),
        bytes.getInt(INTERFACES),
        bytes.getInt(BEYOND),
        bytes.getInt(FLOWS),
        bytes.getInt(LOST));
  }

  static byte[] key(long step) {
    return ByteBuffer.allocate(KEY_BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(step).array();
  }
}
