package dev.jbuild.netplan;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses as users write and read them. */
final class AddressText {
  private static final Pattern IPV4_SHAPE = Pattern.compile("[0-9.]+");
  private static final Pattern ZEROS = Pattern.compile("(?:^|:)0(?::0)+(?::|$)");

  private AddressText() {}

  /** Whether the text can be meant as an address only. */
  static boolean looksLikeOne(String text) {
    return text.indexOf(':') >= 0 || IPV4_SHAPE.matcher(text).matches();
  }

  /**
   * Reads {@code 192.0.2.1} or {@code 2001:db8::1}; neither short forms such as {@code 127.1}, nor
   * zones, nor IPv4 addresses inside of IPv6 ones.
   */
  static @Nullable InetAddress read(String text) {
    if (!looksLikeOne(text) || text.indexOf('%') >= 0) {
      return null;
    }
    try {
      var address = InetAddress.getByAddress(InetAddress.ofLiteral(text).getAddress());
      boolean ipv6 = address.getAddress().length == 16;
      return ipv6 || address.getHostAddress().equals(text) ? address : null;
    } catch (IllegalArgumentException | UnknownHostException e) {
      return null;
    }
  }

  /** The shortest form. Source: RFC 5952. */
  static String of(InetAddress address) {
    String text = address.getHostAddress();
    if (address.getAddress().length == 4) {
      return text;
    }
    int start = 0;
    int length = 0;
    for (var run = ZEROS.matcher(text); run.find(); ) {
      if (run.end() - run.start() > length) {
        start = run.start();
        length = run.end() - run.start();
      }
    }
    return length == 0 ? text : text.substring(0, start) + "::" + text.substring(start + length);
  }
}
