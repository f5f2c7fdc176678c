package dev.jbuild.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Answers of a kernel that is played, some of it hostile. */
final class NetlinkTest {
  private static final int ERROR = 2;

  /** Plays what was queued; then, as the real one, times out. */
  private static final class FakeSocket implements NetlinkSocket {
    private final Deque<byte[]> datagrams = new ArrayDeque<>();

    @Override
    public void send(ByteBuffer messages) {}

    @Override
    public void receive(ByteBuffer datagram) throws IOException {
      byte[] next = datagrams.poll();
      if (next == null) {
        throw new ErrnoException("receive from netlink", Errno.EAGAIN);
      }
      datagram.clear().put(next).flip();
    }

    @Override
    public void close() {}
  }

  private final FakeSocket socket = new FakeSocket();
  private final Netlink netlink = new Netlink(socket, Netlink.replyBuffer());

  private void queue(Consumer<ByteBuffer> writer) {
    var buffer = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    writer.accept(buffer);
    byte[] bytes = new byte[buffer.flip().remaining()];
    buffer.get(bytes);
    socket.datagrams.add(bytes);
  }

  private static void header(ByteBuffer to, int length, int type, int flags, int sequence) {
    to.putInt(length).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
  }

  private static void acknowledgement(ByteBuffer to, int sequence, int errno) {
    header(to, 36, ERROR, 0, sequence);
    to.putInt(-errno);
    header(to, 16, 16, 0, sequence);
  }

  private static Batch twoLinks() {
    return new RouteBatch().link("a").link("b").batch();
  }

  @Test
  void repliesAndAcknowledgementsOfOneDatagramAreTakenApart() throws IOException {
    queue(
        to -> {
          header(to, 32, 16, 0, 1);
          to.putInt(0).putInt(7).putInt(1).putInt(0);
          acknowledgement(to, 1, 0);
          acknowledgement(to, 2, 0);
        });
    var replies = netlink.exchange(twoLinks());
    assertEquals(1, replies.size());
    assertEquals(new Link(7, "", "", "", 0, 0, 0, true, false, ""), Link.read(replies.getFirst()));
  }

  @Test
  void firstFailureIsNamedAndTheOthersAreStillRead() {
    queue(to -> acknowledgement(to, 1, Errno.ENODEV));
    queue(to -> acknowledgement(to, 2, Errno.EPERM));
    var failure = assertThrows(ErrnoException.class, () -> netlink.exchange(twoLinks()));
    assertEquals("look at link a: ENODEV (no such device)", failure.getMessage());
    assertTrue(socket.datagrams.isEmpty());
  }

  @Test
  void kernelsOwnWordsAreAdded() {
    queue(
        to -> {
          // Capped, with text.
          header(to, 16 + 20 + 12, ERROR, 0x300, 1);
          to.putInt(-Errno.EINVAL);
          header(to, 16, 16, 0, 1);
          to.putShort((short) 12).putShort((short) 1).put("too odd\0".getBytes(UTF_8));
          acknowledgement(to, 2, 0);
        });
    var failure = assertThrows(ErrnoException.class, () -> netlink.exchange(twoLinks()));
    assertEquals("look at link a (too odd): EINVAL (invalid argument)", failure.getMessage());
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  @Test
  void lateAnswersOfAnEarlierExchangeAreIgnored() throws IOException {
    queue(to -> acknowledgement(to, 1, 0));
    assertThrows(ErrnoException.class, () -> netlink.exchange(twoLinks()));
    queue(to -> acknowledgement(to, 2, Errno.EPERM));
    queue(to -> acknowledgement(to, 3, 0));
    queue(to -> acknowledgement(to, 4, 0));
    assertEquals(0, netlink.exchange(twoLinks()).size());
  }

  @Test
  void brokenLengthsAreRefused() {
    for (int length : new int[] {0, 15, 17_000, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      queue(to -> header(to, length, 16, 0, 1));
      var failure = assertThrows(IOException.class, () -> netlink.exchange(twoLinks()));
      assertEquals("netlink: message of " + length + " bytes in the last 16", failure.getMessage());
    }
  }

  @Test
  void endlessChatterEnds() {
    var chatter =
        new NetlinkSocket() {
          @Override
          public void send(ByteBuffer messages) {}

          @Override
          public void receive(ByteBuffer datagram) {
            datagram.clear();
            header(datagram, 16, 1, 0, 1);
            datagram.flip();
          }

          @Override
          public void close() {}
        };
    var talking = new Netlink(chatter, Netlink.replyBuffer());
    var failure = assertThrows(IOException.class, () -> talking.exchange(twoLinks()));
    assertEquals("netlink: no end after 10000 datagrams", failure.getMessage());
  }

  @Test
  void randomBytesNeverHangOrBreakOut() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < 20_000; i++) {
            queue(to -> noise(to, random));
            try {
              for (var reply : netlink.exchange(new RouteBatch().link("a").batch())) {
                Link.read(reply);
                Route.read(reply);
              }
            } catch (IOException expected) {
              // Broken, and said so.
            }
            socket.datagrams.clear();
          }
        },
        "seed " + seed);
  }

  /** A header that is nearly right and whatever follows. */
  private static void noise(ByteBuffer to, Random random) {
    int length = 16 + random.nextInt(120);
    int said = random.nextInt(4) == 0 ? random.nextInt() : length & ~3;
    header(to, said, random.nextInt(4) == 0 ? ERROR : 16, random.nextInt(), random.nextInt(20_000));
    for (int i = 16; i < length; i++) {
      to.put((byte) random.nextInt(random.nextBoolean() ? 256 : 12));
    }
  }

  @Test
  void attributesOutsideOfTheirMessageAreRefused() {
    var bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
    bytes.putShort(0, (short) 9).putShort(2, (short) 3);
    var failure = assertThrows(IOException.class, () -> Attributes.read(bytes));
    assertEquals("netlink: attribute 3 of 9 bytes in the last 8", failure.getMessage());
  }
}
