package dev.jbuild.daemon.transport;

import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

/** Listening TCP sockets. */
public final class TcpSockets {
  private TcpSockets() {}

  /** One that is not bound yet. */
  public static ServerChannel open() {
    return new NioServerSocketChannel();
  }

  /** One that is bound already. */
  public static ServerChannel over(ServerSocketChannel bound) {
    return new NioServerSocketChannel(bound) {
      @Override
      protected void doBind(SocketAddress address) {
        // It is.
      }
    };
  }
}
