package dev.jbuild.linux.netlink;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Key or value of a set's element: one or several parts in the order of the set's type, numbers
 * highest byte first, each part filled up with zeros to a multiple of four bytes where there are
 * several. Immutable.
 */
public final class ElementKey {
  private static final int MAX_PARTS = 8;

  private final byte[][] parts;

  private ElementKey(byte[][] parts) {
    this.parts = parts;
  }

  /** No part yet. */
  public static ElementKey empty() {
    return new ElementKey(new byte[0][]);
  }

  /** With an {@code ipv4_addr} or {@code ipv6_addr}. */
  public ElementKey address(InetAddress address) {
    return with(address.getAddress());
  }

  /** With an {@code ether_addr}. */
  public ElementKey hardware(HardwareAddress address) {
    return with(address.bytes());
  }

  /** With an {@code inet_proto}: 6 is TCP, 17 is UDP. */
  public ElementKey protocol(int number) {
    return with(new byte[] {(byte) number});
  }

  /** With an {@code inet_service}. */
  public ElementKey port(int port) {
    return with(new byte[] {(byte) (port >> 8), (byte) port});
  }

  private ElementKey with(byte[] part) {
    if (parts.length == MAX_PARTS) {
      throw new IllegalArgumentException("set element: want at most " + MAX_PARTS + " parts");
    }
    var more = Arrays.copyOf(parts, parts.length + 1);
    more[parts.length] = part;
    return new ElementKey(more);
  }

  /** As the kernel has it. */
  byte[] bytes() {
    if (parts.length == 1) {
      return parts[0].clone();
    }
    int length = 0;
    for (byte[] part : parts) {
      length += padded(part);
    }
    byte[] bytes = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, bytes, at, part.length);
      at += padded(part);
    }
    return bytes;
  }

  private static int padded(byte[] part) {
    return (part.length + 3) & ~3;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ElementKey key && Arrays.equals(bytes(), key.bytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes());
  }

  /** Hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }

  /** A key read from the kernel: equal to the one that was written. */
  static ElementKey of(byte[] bytes) {
    return new ElementKey(new byte[][] {bytes});
  }
}
