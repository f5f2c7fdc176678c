package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** By TCP, with a connection for each question. */
final class TcpExchange implements Exchange {
  private final HostSockets sockets;
  private final MessageIds ids;

  TcpExchange(HostSockets sockets, MessageIds ids) {
    this.sockets = sockets;
    this.ids = ids;
  }

  @Override
  public Answer ask(InetSocketAddress server, Question question, int timeoutMillis)
      throws IOException {
    int id = ids.next();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    try (SocketChannel channel = sockets.stream(UdpExchange.family(server))) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.socket().connect(server, timeoutMillis);
      var messages = new MessageStream(channel);
      messages.write(question.withId(id));
      byte[] message = messages.read(0xffff, deadline);
      if (message == null || !question.isAnsweredBy(message, id)) {
        throw new IOException(server + ": no answer to the question");
      }
      return Answer.read(question, message);
    }
  }
}
