package dev.jbuild.cli.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A connection to a daemon, for bytes of any kind. */
interface Line extends Closeable {
  void say(byte[] bytes) throws IOException;

  /** How many bytes came, -1 at the end. */
  int hear(byte[] into) throws IOException;

  /** Makes one. */
  interface Dial {
    Line connect() throws IOException;
  }

  static Dial unix(Path socket) {
    return () -> {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      return new Line() {
        @Override
        public void say(byte[] bytes) throws IOException {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            channel.write(left);
          }
        }

        @Override
        public int hear(byte[] into) throws IOException {
          return channel.read(ByteBuffer.wrap(into));
        }

        @Override
        public void close() throws IOException {
          channel.close();
        }
      };
    };
  }

  /** Without TLS, whatever is there. */
  static Dial tcp(int port) {
    return () -> over(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** With TLS, when its handshake is over. */
  static Dial tls(int port, SSLContext context) {
    return () -> {
      var socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
      socket.startHandshake();
      return over(socket);
    };
  }

  private static Line over(Socket socket) {
    return new Line() {
      @Override
      public void say(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
      }

      @Override
      public int hear(byte[] into) throws IOException {
        return socket.getInputStream().read(into);
      }

      @Override
      public void close() throws IOException {
        socket.close();
      }
    };
  }
}
