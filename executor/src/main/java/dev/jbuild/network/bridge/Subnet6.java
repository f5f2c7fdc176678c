package dev.jbuild.network.bridge;

import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv6 subnet for steps, 64 bits long; offsets are those of the IPv4 subnet beside it.
 *
 * @param high the first eight bytes, first byte highest
 */
public record Subnet6(long high) {

  /** Fixed of each step's address. */
  static final int PREFIX_LENGTH = 64;

  private static final long UNIQUE_LOCAL = 0xfdL << 56;
  private static final int GATEWAY_OFFSET = 1;

  /**
   * A subnet of its own for whoever has the digits. Source: RFC 4193, section 3.1.
   *
   * @param digits random or a digest; the lower seven bytes count
   */
  static Subnet6 uniqueLocal(long digits) {
    return new Subnet6(UNIQUE_LOCAL | (digits & 0x00ff_ffff_ffff_ffffL));
  }

  /** The host's own address. */
  public Inet6Address gateway() {
    return at(GATEWAY_OFFSET);
  }

  /** The address at an offset. */
  public Inet6Address at(int offset) {
    try {
      byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(offset).array();
      return Inet6Address.getByAddress(null, bytes, -1);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code fd12:3456:789a:bcde::/64}. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (int shift = 48; shift >= 0; shift -= 16) {
      text.append(Long.toHexString((high >>> shift) & 0xffff)).append(':');
    }
    return text.append(":/").append(PREFIX_LENGTH).toString();
  }
}
