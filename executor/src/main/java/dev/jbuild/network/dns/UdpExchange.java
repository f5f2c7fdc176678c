package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * By UDP, with a socket for each question: its port is one that nobody outside can guess, and the
 * kernel drops what does not come from the resolver.
 */
final class UdpExchange implements Exchange {
  private final HostSockets sockets;
  private final MessageIds ids;

  UdpExchange(HostSockets sockets, MessageIds ids) {
    this.sockets = sockets;
    this.ids = ids;
  }

  static ProtocolFamily family(InetSocketAddress server) {
    return server.getAddress() instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }

  /** What fits no answer to this question is ignored. */
  @Override
  public Answer ask(InetSocketAddress server, Question question, int timeoutMillis)
      throws IOException {
    int id = ids.next();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    try (var channel = sockets.datagram(family(server))) {
      channel.connect(server);
      channel.write(ByteBuffer.wrap(question.withId(id)));
      // One byte more, to know what did not fit.
      int limit = Math.min(question.udpBytes(), Question.MAX_BYTES);
      byte[] buffer = new byte[Math.max(limit, Question.MAX_BYTES) + 1];
      var packet = new DatagramPacket(buffer, buffer.length);
      while (true) {
        long leftNanos = deadline - System.nanoTime();
        if (leftNanos <= 0) {
          throw new SocketTimeoutException();
        }
        channel.socket().setSoTimeout(1 + (int) TimeUnit.NANOSECONDS.toMillis(leftNanos));
        packet.setLength(buffer.length);
        channel.socket().receive(packet);
        byte[] message = Arrays.copyOf(buffer, packet.getLength());
        if (question.isAnsweredBy(message, id)) {
          return message.length <= Question.MAX_BYTES
              ? Answer.read(question, message)
              : Answer.read(question, question.truncated(message));
        }
      }
    }
  }
}
