package dev.jbuild.network.ledger;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An address with a port, as people write it.
 *
 * @param port 0 where there is none
 */
public record Endpoint(InetAddress address, int port) {

  /** {@code 192.0.2.7:443}, {@code [2001:db8::1]:443}, {@code 2001:db8::1}. */
  @Override
  public String toString() {
    String host = text(address);
    if (port == 0) {
      return host;
    }
    return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
  }

  /** The address alone; the shortest form of an IPv6 one. Source: RFC 5952, section 4. */
  public static String text(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    int[] groups = new int[8];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int start = 0;
    int length = 1; // a single zero is not shortened
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    return length == 1
        ? join(groups, 0, groups.length)
        : join(groups, 0, start) + "::" + join(groups, start + length, groups.length);
  }

  private static String join(int[] groups, int from, int to) {
    var text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
