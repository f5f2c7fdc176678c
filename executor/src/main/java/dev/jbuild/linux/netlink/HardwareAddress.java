package dev.jbuild.linux.netlink;

import java.net.Inet4Address;
import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the six bytes, first byte highest
 */
public record HardwareAddress(long bits) {
  private static final int BYTES = 6;

  public HardwareAddress {
    if (bits >>> (BYTES * 8) != 0) {
      throw new IllegalArgumentException(
          "hardware address: want 48 bits, got " + Long.toHexString(bits));
    }
  }

  /** The locally administered address {@code 02:42:} and the four bytes. */
  public static HardwareAddress of(Inet4Address address) {
    long bits = 0x0242;
    for (byte part : address.getAddress()) {
      bits = bits << 8 | (part & 0xff);
    }
    return new HardwareAddress(bits);
  }

  /** The six bytes. */
  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >>> ((BYTES - 1 - i) * 8));
    }
    return bytes;
  }

  /** {@code 02:42:0a:59:00:02}. */
  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
