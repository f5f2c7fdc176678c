package dev.jbuild.network.bridge;

import dev.jbuild.linux.netlink.Route;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 subnet for steps.
 *
 * @param base first address, host bits zero
 * @param prefixLength 16 to 29
 */
public record Subnet(int base, int prefixLength) {
  private static final int MIN_PREFIX = 16;
  private static final int MAX_PREFIX = 29;

  /** The host's own address in it. */
  private static final int GATEWAY_OFFSET = 1;

  public Subnet {
    if (prefixLength < MIN_PREFIX || prefixLength > MAX_PREFIX) {
      throw new IllegalArgumentException(
          "subnet: want a prefix length of 16 to 29, got " + prefixLength);
    }
    if ((base & ~mask(prefixLength)) != 0) {
      throw new IllegalArgumentException(
          "subnet: " + address(base).getHostAddress() + "/" + prefixLength + " has host bits set");
    }
  }

  /** Reads {@code 10.89.0.0/16}. */
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    try {
      String first = text.substring(0, Math.max(slash, 0));
      var address = Inet4Address.ofLiteral(first);
      if (!address.getHostAddress().equals(first)) {
        throw unreadable(text, null);
      }
      return new Subnet(number(address), Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw unreadable(text, e);
    } catch (IllegalArgumentException e) {
      throw String.valueOf(e.getMessage()).startsWith("subnet:") ? e : unreadable(text, e);
    }
  }

  private static IllegalArgumentException unreadable(String text, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "subnet: want address/prefix length such as 10.89.0.0/16, got '" + text + "'", cause);
  }

  /** How many addresses it has, the unusable first and last included. */
  public int size() {
    return 1 << (32 - prefixLength);
  }

  /** The host's own address. */
  public Inet4Address gateway() {
    return at(GATEWAY_OFFSET);
  }

  /** The first offset that a step may have. */
  int firstOffset() {
    return GATEWAY_OFFSET + 1;
  }

  /** The last offset that a step may have; the one behind it is the broadcast address. */
  int lastOffset() {
    return size() - 2;
  }

  /** The address at an offset. */
  public Inet4Address at(int offset) {
    return address(base + offset);
  }

  /** Whether the address lies in it. */
  public boolean contains(Inet4Address address) {
    return (number(address) & mask(prefixLength)) == base;
  }

  /** Whether the two share an address; a default route shares none. */
  public boolean overlaps(Route route) {
    if (!(route.destination() instanceof Inet4Address destination) || route.prefixLength() == 0) {
      return false;
    }
    int common = mask(Math.min(prefixLength, route.prefixLength()));
    return (number(destination) & common) == (base & common);
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << (32 - length);
  }

  private static int number(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static Inet4Address address(int number) {
    try {
      byte[] bytes = ByteBuffer.allocate(4).putInt(number).array();
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code 10.89.0.0/16}. */
  @Override
  public String toString() {
    return address(base).getHostAddress() + "/" + prefixLength;
  }
}
