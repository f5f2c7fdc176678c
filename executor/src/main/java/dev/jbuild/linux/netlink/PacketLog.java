package dev.jbuild.linux.netlink;

import dev.jbuild.linux.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets that rules of the packet filter log to a group ({@code log group 7}), each as soon as it
 * is logged. One thread receives; others may set marks meanwhile. Source: the kernel's {@code
 * linux/netfilter/nfnetlink_log.h}.
 */
public final class PacketLog implements AutoCloseable {
  private static final int MSG_PACKET = 4 << 8;
  private static final int MSG_CONFIG = 4 << 8 | 1;
  private static final int CFG_CMD = 1;
  private static final int CFG_MODE = 2;
  private static final int CFG_QTHRESH = 5;
  private static final int CMD_BIND = 1;
  private static final int COPY_PACKET = 2;
  private static final int ATTRIBUTE_PAYLOAD = 9;
  private static final int ATTRIBUTE_PREFIX = 10;
  private static final int HEADER_BYTES = 4;
  private static final int TYPE_ERROR = 2;
  private static final int MAX_EVENTS = 1000;

  /** First of the numbers of marks: above those of the requests that bind the group. */
  private static final int FIRST_MARK = 1000;

  private final NetlinkSocket socket;
  private final int group;
  private final Object lock = new Object();
  private int marks;

  /** What {@link #receive} gives. */
  public sealed interface Event {}

  /**
   * A packet that was logged.
   *
   * @param prefix of the rule
   * @param packet from its network header on, as far as it was copied
   */
  public record Logged(String prefix, ByteBuffer packet) implements Event {}

  /** Everything that was logged before a mark was set has been received. */
  public record Marked(int mark) implements Event {}

  /**
   * Takes over the socket, of protocol {@code NETLINK_NETFILTER}.
   *
   * @param group 0 to 65535
   */
  public PacketLog(NetlinkSocket socket, int group) {
    this.socket = socket;
    this.group = group;
  }

  /**
   * Begins to receive, whole packets up to {@code bytes}.
   *
   * @throws IOException EBUSY when another process has the group
   */
  public void bind(int bytes) throws IOException {
    var batch = config("bind packet log group " + group);
    batch.u8(CFG_CMD, CMD_BIND);
    config(batch, "set up packet log group " + group);
    var mode = ByteBuffer.allocate(6).putInt(bytes).put((byte) COPY_PACKET);
    batch.bytes(CFG_MODE, mode.array());
    // Not later, when more have come.
    batch.bytes(CFG_QTHRESH, ByteBuffer.allocate(Integer.BYTES).putInt(1).array());
    new Netlink(socket, Netlink.replyBuffer()).exchange(batch);
  }

  private Batch config(String purpose) {
    return config(new Batch(), purpose);
  }

  private Batch config(Batch batch, String purpose) {
    batch.message(MSG_CONFIG, 0, purpose);
    return batch.u8(0).u8(0).u16(Short.reverseBytes((short) group));
  }

  /**
   * Sets a mark behind all that was logged so far.
   *
   * @return its number, which {@link Marked} carries; numbers grow
   */
  public int mark() throws IOException {
    synchronized (lock) {
      int mark = ++marks;
      // The kernel answers behind the packets that are queued already.
      socket.send(config("mark packet log").datagram(FIRST_MARK + mark));
      return mark;
    }
  }

  /**
   * Waits for the next datagram; EAGAIN after five seconds without one, ENOBUFS when some were
   * lost.
   *
   * @param buffer a direct one, from {@link Netlink#replyBuffer}; packets are copied out of it
   */
  public List<Event> receive(ByteBuffer buffer) throws IOException {
    socket.receive(buffer);
    return read(buffer);
  }

  /** Takes a datagram apart. */
  static List<Event> read(ByteBuffer datagram) throws IOException {
    var events = new ArrayList<Event>();
    int at = 0;
    int limit = datagram.limit();
    while (limit - at >= Batch.HEADER_BYTES && events.size() < MAX_EVENTS) {
      int length = datagram.getInt(at);
      if (length < Batch.HEADER_BYTES || length > limit - at) {
        throw new IOException(
            "packet log: message of " + length + " bytes in the last " + (limit - at));
      }
      int type = datagram.getShort(at + 4) & 0xffff;
      int sequence = datagram.getInt(at + 8);
      if (type == TYPE_ERROR && sequence > FIRST_MARK) {
        events.add(new Marked(sequence - FIRST_MARK));
      } else if (type == MSG_PACKET) {
        events.add(packet(datagram, at + Batch.HEADER_BYTES, length - Batch.HEADER_BYTES));
      }
      at += (length + 3) & ~3;
    }
    return events;
  }

  private static Logged packet(ByteBuffer datagram, int at, int length) throws IOException {
    var payload = datagram.slice(at, length).order(ByteOrder.nativeOrder());
    var attributes = Reply.copyOf(MSG_PACKET, payload).attributes(HEADER_BYTES);
    return new Logged(
        attributes.text(ATTRIBUTE_PREFIX), ByteBuffer.wrap(attributes.bytes(ATTRIBUTE_PAYLOAD)));
  }

  @Override
  public void close() {
    socket.close();
  }
}
