package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What a client said to a daemon, by frames of HTTP/2, to be said again with changes: its calls,
 * and in one of them the tunnel of its session. Source: RFC 9113, section 4.1.
 *
 * @param pieces the preface, then frames
 */
record RecordedConnection(List<Piece> pieces) {
  private static final int PREFACE_BYTES = 24;
  private static final int HEAD_BYTES = 9;
  private static final int MOST = 4;
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  RecordedConnection {
    pieces = List.copyOf(pieces);
  }

  /**
   * @param heard so many bytes had come from the daemon before
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes them
  record Piece(byte[] bytes, long heard) {}

  /** Runs a client of a socket behind which the daemon's is. */
  static RecordedConnection of(Path daemon, Path between, Runnable client) throws IOException {
    var said = new ArrayList<Piece>();
    var heard = new AtomicLong();
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(between));
      Thread relay = Thread.ofVirtual().start(() -> relay(listener, daemon, said, heard));
      client.run();
      relay.interrupt();
    }
    synchronized (said) {
      return new RecordedConnection(frames(said));
    }
  }

  private static void relay(
      ServerSocketChannel listener, Path daemon, List<Piece> said, AtomicLong heard) {
    while (true) {
      try {
        SocketChannel client = listener.accept();
        SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(daemon));
        Thread.ofVirtual().start(() -> pass(client, server, said, heard));
        Thread.ofVirtual().start(() -> pass(server, client, null, heard));
      } catch (IOException over) {
        return;
      }
    }
  }

  private static void pass(
      SocketChannel from,
      SocketChannel to,
      @org.jspecify.annotations.Nullable List<Piece> said,
      AtomicLong heard) {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    try (from;
        to) {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        if (said == null) {
          heard.addAndGet(buffer.remaining());
        } else {
          synchronized (said) {
            said.add(new Piece(Arrays.copyOf(buffer.array(), buffer.limit()), heard.get()));
          }
        }
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException over) {
      // One side is done, and so is the other.
    }
  }

  /** The last byte of a frame says when it came. */
  private static List<Piece> frames(List<Piece> said) {
    var frames = new ArrayList<Piece>();
    byte[] rest = {};
    boolean preface = true;
    for (Piece piece : said) {
      byte[] all = Arrays.copyOf(rest, rest.length + piece.bytes().length);
      System.arraycopy(piece.bytes(), 0, all, rest.length, piece.bytes().length);
      int at = 0;
      int length;
      while ((length = preface ? PREFACE_BYTES : length(all, at)) <= all.length - at) {
        frames.add(new Piece(Arrays.copyOfRange(all, at, at + length), piece.heard()));
        at += length;
        preface = false;
      }
      rest = Arrays.copyOfRange(all, at, all.length);
    }
    return frames;
  }

  private static int length(byte[] all, int at) {
    return all.length - at < HEAD_BYTES
        ? HEAD_BYTES
        : HEAD_BYTES + (ByteBuffer.wrap(all).getInt(at) >>> 8);
  }

  /** The same with a few changes of frames, their order and their heads. */
  RecordedConnection changed(Random random) {
    var changed = new ArrayList<>(pieces);
    for (int i = 1 + random.nextInt(MOST); i > 0 && !changed.isEmpty(); i--) {
      int at = random.nextInt(changed.size());
      Piece piece = changed.get(at);
      switch (random.nextInt(8)) {
        case 0 -> changed.remove(at);
        case 1 -> changed.add(at, changed.get(random.nextInt(changed.size())));
        case 2 -> changed.add(random.nextInt(changed.size()), changed.remove(at));
        case 3 -> changed.subList(at, changed.size()).clear();
        default -> changed.set(at, new Piece(bytes(piece.bytes().clone(), random), piece.heard()));
      }
    }
    return new RecordedConnection(changed);
  }

  private static byte[] bytes(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int head = random.nextInt(Math.min(HEAD_BYTES, bytes.length));
    int anywhere = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[head] = (byte) random.nextInt();
      case 1 -> bytes[head] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[anywhere] = (byte) random.nextInt();
      default -> {
        return Arrays.copyOf(bytes, anywhere);
      }
    }
    return bytes;
  }

  /** Says it to the daemon, and hangs up. */
  void play(Line.Dial dial) throws IOException {
    var heard = new AtomicLong();
    try (Line line = dial.connect()) {
      Thread.ofVirtual().start(() -> drain(line, heard));
      for (Piece piece : pieces) {
        long begin = System.nanoTime();
        while (heard.get() < piece.heard() && System.nanoTime() - begin < PATIENCE_NANOS) {
          LockSupport.parkNanos(LOOK_NANOS);
        }
        line.say(piece.bytes());
      }
    } catch (IOException refused) {
      if (String.valueOf(refused.getMessage()).contains("refused")) {
        throw refused; // there is no daemon
      }
    }
  }

  private static void drain(Line line, AtomicLong heard) {
    byte[] buffer = new byte[64 << 10];
    try {
      int count;
      while ((count = line.hear(buffer)) >= 0) {
        heard.addAndGet(count);
      }
    } catch (IOException over) {
      // The daemon or the player has hung up.
    }
  }
}
