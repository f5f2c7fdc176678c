package dev.jbuild.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Netlink messages written one after the other, to be sent as one datagram. Numbers are in the
 * machine's byte order; each message and attribute starts at a multiple of four. Source:
 * netlink(7), rtnetlink(7). Used by one thread.
 */
public final class Batch {
  static final int HEADER_BYTES = 16;
  static final int ATTRIBUTE_HEADER_BYTES = 4;
  static final int REQUEST = 0x1;
  static final int ACK = 0x4;
  private static final int NESTED = 0x8000;
  private static final int MAX_BYTES = 8192;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(MAX_BYTES).order(ByteOrder.nativeOrder());
  private final List<String> purposes = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();
  private final BitSet silent = new BitSet();

  /** Forgets all messages. */
  public Batch clear() {
    buffer.clear();
    purposes.clear();
    starts.clear();
    silent.clear();
    return this;
  }

  /**
   * Starts a message, which ends where the next one starts.
   *
   * @param flags beside NLM_F_REQUEST and NLM_F_ACK
   * @param purpose words for an error: {@code make bridge jb0}
   */
  public Batch message(int type, int flags, String purpose) {
    return start(type, REQUEST | ACK | flags, purpose);
  }

  /**
   * Starts a message that the kernel does not acknowledge: the first and the last of a netfilter
   * transaction, which newer kernels would answer and older ones not.
   */
  Batch silent(int type, String purpose) {
    silent.set(starts.size());
    return start(type, REQUEST, purpose);
  }

  private Batch start(int type, int flags, String purpose) {
    endMessage();
    purposes.add(purpose);
    starts.add(buffer.position());
    // Length and sequence number are filled in when known; port 0 is the kernel.
    buffer.putInt(0).putShort((short) type).putShort((short) flags);
    buffer.putInt(0).putInt(0);
    return this;
  }

  /** One byte of a message's fixed part. */
  public Batch u8(int value) {
    buffer.put((byte) value);
    return this;
  }

  /** Two bytes of a message's fixed part. */
  public Batch u16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  /** Four bytes of a message's fixed part. */
  public Batch u32(int value) {
    buffer.putInt(value);
    return this;
  }

  /** An attribute of bytes. */
  public Batch bytes(int type, byte[] value) {
    attributeHeader(type, value.length);
    buffer.put(value);
    pad();
    return this;
  }

  /** An attribute of text with a closing zero. */
  public Batch text(int type, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    attributeHeader(type, utf8.length + 1);
    buffer.put(utf8).put((byte) 0);
    pad();
    return this;
  }

  /** An attribute of four bytes. */
  public Batch u32(int type, int value) {
    attributeHeader(type, 4);
    buffer.putInt(value);
    return this;
  }

  /** An attribute of one byte. */
  public Batch u8(int type, int value) {
    attributeHeader(type, 1);
    buffer.put((byte) value);
    pad();
    return this;
  }

  /** Starts an attribute made of attributes. {@link #end} ends it. */
  public int begin(int type) {
    int start = buffer.position();
    attributeHeader(type | NESTED, 0);
    return start;
  }

  /** Ends what {@link #begin} started. */
  public Batch end(int begun) {
    buffer.putShort(begun, (short) (buffer.position() - begun));
    return this;
  }

  private void attributeHeader(int type, int valueBytes) {
    buffer.putShort((short) (ATTRIBUTE_HEADER_BYTES + valueBytes)).putShort((short) type);
  }

  private void pad() {
    while (buffer.position() % 4 != 0) {
      buffer.put((byte) 0);
    }
  }

  private void endMessage() {
    if (!starts.isEmpty()) {
      pad();
      int start = starts.getLast();
      buffer.putInt(start, buffer.position() - start);
    }
  }

  int count() {
    return starts.size();
  }

  /** Which messages have no acknowledgement. */
  BitSet silent() {
    return (BitSet) silent.clone();
  }

  String purpose(int index) {
    return purposes.get(index);
  }

  /** The datagram; messages are numbered upwards from {@code firstSequence}. */
  ByteBuffer datagram(int firstSequence) {
    endMessage();
    for (int i = 0; i < starts.size(); i++) {
      buffer.putInt(starts.get(i) + 8, firstSequence + i);
    }
    return buffer.duplicate().order(ByteOrder.nativeOrder()).flip();
  }
}
