package dev.jbuild.linux.netlink;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of one message, read with suspicion: every length is checked, the last of several
 * of one type counts. Values are slices of the bytes given.
 */
public final class Attributes {
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> values;

  private Attributes(Map<Integer, ByteBuffer> values) {
    this.values = values;
  }

  /**
   * Reads attributes from the position to the limit.
   *
   * @throws IOException when a length leads outside of the bytes
   */
  public static Attributes read(ByteBuffer bytes) throws IOException {
    var values = new HashMap<Integer, ByteBuffer>();
    int at = bytes.position();
    int limit = bytes.limit();
    while (limit - at >= Batch.ATTRIBUTE_HEADER_BYTES) {
      int length = bytes.getShort(at) & 0xffff;
      int type = bytes.getShort(at + 2) & TYPE_MASK;
      if (length < Batch.ATTRIBUTE_HEADER_BYTES || length > limit - at) {
        throw new IOException(
            "netlink: attribute " + type + " of " + length + " bytes in the last " + (limit - at));
      }
      int header = Batch.ATTRIBUTE_HEADER_BYTES;
      values.put(type, bytes.slice(at + header, length - header).order(ByteOrder.nativeOrder()));
      at += (length + 3) & ~3;
    }
    return new Attributes(values);
  }

  /** A number of four bytes, or {@code otherwise}. */
  public int u32(int type, int otherwise) {
    var value = values.get(type);
    return value == null || value.limit() < 4 ? otherwise : value.getInt(0);
  }

  /** A number of eight bytes, highest first as netfilter has it, or {@code otherwise}. */
  public long bigEndian64(int type, long otherwise) {
    var value = values.get(type);
    return value == null || value.limit() < 8
        ? otherwise
        : value.duplicate().order(ByteOrder.BIG_ENDIAN).getLong(0);
  }

  /** Text up to its closing zero, or empty. */
  public String text(int type) {
    byte[] bytes = bytes(type);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** A copy of the value, or empty. */
  public byte[] bytes(int type) {
    var value = values.get(type);
    if (value == null) {
      return new byte[0];
    }
    byte[] copy = new byte[value.limit()];
    value.get(0, copy);
    return copy;
  }

  /** An address of four or sixteen bytes, or null. */
  public @Nullable InetAddress address(int type) throws IOException {
    byte[] bytes = bytes(type);
    return bytes.length == 4 || bytes.length == 16 ? InetAddress.getByAddress(bytes) : null;
  }

  /** The attributes inside an attribute; none when it is not there. */
  public Attributes nested(int type) throws IOException {
    var value = values.get(type);
    return value == null ? new Attributes(Map.of()) : read(value.duplicate().order(value.order()));
  }

  /** The entries of an attribute that is a list of attributes of one type; empty without it. */
  public List<Attributes> list(int type) throws IOException {
    var entries = new ArrayList<Attributes>();
    var value = values.get(type);
    int at = 0;
    while (value != null && value.limit() - at >= Batch.ATTRIBUTE_HEADER_BYTES) {
      int length = value.getShort(at) & 0xffff;
      if (length < Batch.ATTRIBUTE_HEADER_BYTES || length > value.limit() - at) {
        throw new IOException(
            "netlink: list entry of " + length + " bytes in the last " + (value.limit() - at));
      }
      int header = Batch.ATTRIBUTE_HEADER_BYTES;
      entries.add(read(value.slice(at + header, length - header).order(value.order())));
      at += (length + 3) & ~3;
    }
    return entries;
  }
}
