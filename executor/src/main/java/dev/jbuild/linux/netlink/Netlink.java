package dev.jbuild.linux.netlink;

import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests and their answers over one netlink socket. Whatever comes back, an exchange ends: the
 * number of datagrams and replies is bounded, the wait for each is (see {@link NetlinkSocket}), and
 * every length is checked. Used by one thread.
 */
public final class Netlink implements AutoCloseable {
  /** Flags of a request for all objects, NLM_F_ROOT and NLM_F_MATCH. */
  public static final int DUMP = 0x300;

  private static final int TYPE_ERROR = 2;
  private static final int TYPE_DONE = 3;
  private static final int FIRST_OBJECT_TYPE = 16;
  private static final int FLAG_INTERRUPTED = 0x10;
  private static final int FLAG_CAPPED = 0x100;
  private static final int FLAG_TEXT = 0x200;
  private static final int TEXT_ATTRIBUTE = 1;
  private static final int MAX_DUMPS = 10;
  private static final int MAX_DATAGRAMS = 10_000;
  private static final int MAX_REPLIES = 200_000;
  private static final int REPLY_BYTES = 256 * 1024;

  private final NetlinkSocket socket;
  private final ByteBuffer datagram;
  private int sequence = 1;

  /** Takes over the socket. */
  public Netlink(NetlinkSocket socket, ByteBuffer replies) {
    this.socket = socket;
    this.datagram = replies;
  }

  /** Room for replies, may serve many sockets of one thread. */
  public static ByteBuffer replyBuffer() {
    return ByteBuffer.allocateDirect(REPLY_BYTES).order(ByteOrder.nativeOrder());
  }

  /**
   * Sends the batch and waits until each of its messages is acknowledged. The kernel takes all of
   * them, also those behind one that failed.
   *
   * @return what came beside the acknowledgements
   * @throws ErrnoException the first message that failed, with its purpose
   */
  public List<Reply> exchange(Batch batch) throws IOException {
    int first = send(batch);
    var outcome = new Outcome(batch, first);
    receive(outcome);
    return outcome.result();
  }

  /**
   * Sends one request for all objects and waits for the end of the list; asks again when the list
   * changed meanwhile.
   *
   * @throws ErrnoException when it was refused
   */
  public List<Reply> dump(Batch request) throws IOException {
    if (request.count() != 1) {
      throw new IllegalArgumentException("dump: want 1 message, got " + request.count());
    }
    for (int i = 0; i < MAX_DUMPS; i++) {
      int first = send(request);
      var outcome = new Outcome(request, first);
      receive(outcome);
      var all = outcome.result();
      if (!outcome.interrupted) {
        return all;
      }
    }
    throw new IOException(request.purpose(0) + ": the list changed each time it was read");
  }

  private int send(Batch batch) throws IOException {
    int first = sequence;
    sequence += batch.count();
    socket.send(batch.datagram(first));
    return first;
  }

  private void receive(Outcome outcome) throws IOException {
    for (int i = 0; i < MAX_DATAGRAMS && !outcome.complete(); i++) {
      socket.receive(datagram);
      read(datagram, outcome);
    }
    if (!outcome.complete()) {
      throw new IOException("netlink: no end after " + MAX_DATAGRAMS + " datagrams");
    }
  }

  private static void read(ByteBuffer datagram, Outcome outcome) throws IOException {
    int at = 0;
    int limit = datagram.limit();
    while (limit - at >= Batch.HEADER_BYTES) {
      int length = datagram.getInt(at);
      if (length < Batch.HEADER_BYTES || length > limit - at) {
        throw new IOException(
            "netlink: message of " + length + " bytes in the last " + (limit - at));
      }
      int type = datagram.getShort(at + 4) & 0xffff;
      int flags = datagram.getShort(at + 6) & 0xffff;
      int sequence = datagram.getInt(at + 8);
      var payload =
          datagram
              .slice(at + Batch.HEADER_BYTES, length - Batch.HEADER_BYTES)
              .order(ByteOrder.nativeOrder());
      outcome.take(type, flags, sequence, payload);
      // Lengths are checked against the limit, so this cannot overflow.
      at += (length + 3) & ~3;
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  /** What became of a batch so far. */
  private static final class Outcome {
    private final Batch batch;
    private final int first;
    private final BitSet answered;
    private final BitSet silent;
    private final List<Reply> replies = new ArrayList<>();
    private @Nullable IOException failure;
    private boolean interrupted;

    Outcome(Batch batch, int first) {
      this.batch = batch;
      this.first = first;
      this.silent = batch.silent();
      this.answered = batch.silent();
    }

    boolean complete() {
      return answered.cardinality() == batch.count();
    }

    List<Reply> result() throws IOException {
      if (failure != null) {
        throw failure;
      }
      return replies;
    }

    void take(int type, int flags, int sequence, ByteBuffer payload) throws IOException {
      int index = sequence - first;
      if (index < 0 || index >= batch.count()) {
        // A late answer to an exchange that was given up.
        return;
      }
      interrupted |= type != TYPE_ERROR && (flags & FLAG_INTERRUPTED) != 0;
      if (type == TYPE_ERROR || type == TYPE_DONE) {
        answer(index, flags, payload);
      } else if (type >= FIRST_OBJECT_TYPE) {
        if (replies.size() == MAX_REPLIES) {
          throw new IOException("netlink: more than " + MAX_REPLIES + " replies");
        }
        replies.add(Reply.copyOf(type, payload));
      }
    }

    private void answer(int index, int flags, ByteBuffer payload) throws IOException {
      if (payload.limit() < 4) {
        throw new IOException("netlink: acknowledgement of " + payload.limit() + " bytes");
      }
      answered.set(index);
      int errno = -payload.getInt(0);
      if (errno != 0 && silent.get(index)) {
        // The whole transaction was refused; its other messages may have no answer.
        answered.set(0, batch.count());
      }
      if (errno != 0 && failure == null) {
        String text = text(flags, payload);
        failure =
            new ErrnoException(
                batch.purpose(index) + (text.isEmpty() ? "" : " (" + text + ")"), errno);
      }
    }

    /** The kernel's own words about a failure, or empty. */
    private static String text(int flags, ByteBuffer payload) throws IOException {
      if ((flags & FLAG_TEXT) == 0 || payload.limit() < 4 + Batch.HEADER_BYTES) {
        return "";
      }
      int request = (flags & FLAG_CAPPED) != 0 ? Batch.HEADER_BYTES : payload.getInt(4);
      int start = 4 + ((request + 3) & ~3);
      if (request < Batch.HEADER_BYTES || start > payload.limit() || start < 0) {
        return "";
      }
      return Attributes.read(
              payload.slice(start, payload.limit() - start).order(ByteOrder.nativeOrder()))
          .text(TEXT_ATTRIBUTE);
    }
  }
}
