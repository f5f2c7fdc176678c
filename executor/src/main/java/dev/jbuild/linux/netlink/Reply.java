package dev.jbuild.linux.netlink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One message that the kernel sent.
 *
 * @param type as {@code RTM_NEWLINK}
 * @param payload what follows the header
 */
public record Reply(int type, ByteBuffer payload) {

  /** A reply that owns a copy of the bytes. */
  static Reply copyOf(int type, ByteBuffer payload) {
    var copy = ByteBuffer.allocate(payload.remaining()).order(ByteOrder.nativeOrder());
    copy.put(payload.duplicate()).flip();
    return new Reply(type, copy);
  }

  /** Refuses a payload that is shorter than its message's fixed part. */
  public Reply atLeast(int bytes) throws IOException {
    if (payload.limit() < bytes) {
      throw new IOException(
          "netlink: message " + type + " of " + payload.limit() + " bytes, want at least " + bytes);
    }
    return this;
  }

  /** The attributes behind the fixed part. */
  public Attributes attributes(int fixedBytes) throws IOException {
    atLeast(fixedBytes);
    return Attributes.read(
        payload.slice(fixedBytes, payload.limit() - fixedBytes).order(ByteOrder.nativeOrder()));
  }
}
