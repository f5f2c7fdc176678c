package dev.jbuild.network.dns;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Messages on a TCP connection, each after its length in two bytes. Source: RFC 1035 section 4.2.2.
 */
final class MessageStream {
  private final SocketChannel channel;

  MessageStream(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * The next message, or null at the end.
   *
   * @param deadline on the clock of {@link System#nanoTime}
   * @throws IOException for a message that is larger than the limit
   */
  byte @Nullable [] read(int maxBytes, long deadline) throws IOException {
    byte[] head = new byte[2];
    int first = readSome(head, 0, deadline);
    if (first < 0) {
      return null;
    }
    fill(head, first, deadline);
    int length = ((head[0] & 0xff) << 8) | (head[1] & 0xff);
    if (length > maxBytes) {
      throw new IOException("dns: a message of " + length + " bytes, want at most " + maxBytes);
    }
    byte[] message = new byte[length];
    fill(message, 0, deadline);
    return message;
  }

  private void fill(byte[] target, int from, long deadline) throws IOException {
    int at = from;
    while (at < target.length) {
      int count = readSome(target, at, deadline);
      if (count < 0) {
        throw new EOFException("dns: the connection ended within a message");
      }
      at += count;
    }
  }

  private int readSome(byte[] target, int at, long deadline) throws IOException {
    long leftNanos = deadline - System.nanoTime();
    if (leftNanos <= 0) {
      throw new SocketTimeoutException();
    }
    channel.socket().setSoTimeout(1 + (int) TimeUnit.NANOSECONDS.toMillis(leftNanos));
    return channel.socket().getInputStream().read(target, at, target.length - at);
  }

  /** Writes one message, at most 65535 bytes. */
  void write(byte[] message) throws IOException {
    var out = ByteBuffer.allocate(2 + message.length);
    out.putShort((short) message.length).put(message).flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }
}
