package dev.jbuild.network.dns;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** Takes connections from one socket. */
final class TcpListener implements Closeable {
  private static final System.Logger LOG = System.getLogger(TcpListener.class.getName());

  /** A failure may last, such as having no descriptor left. */
  private static final long PAUSE_NANOS = 10_000_000;

  private final ServerSocketChannel channel;

  TcpListener(ServerSocketChannel channel) {
    this.channel = channel;
  }

  /** Until the socket is closed. */
  void run(Questions questions) {
    while (channel.isOpen()) {
      try {
        SocketChannel connection = channel.accept();
        connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
        questions.take(connection, connection.socket().getInetAddress());
      } catch (IOException | RuntimeException e) {
        if (channel.isOpen()) {
          LOG.log(System.Logger.Level.DEBUG, "dns: connection", e);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
