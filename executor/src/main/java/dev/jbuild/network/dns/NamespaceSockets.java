package dev.jbuild.network.dns;

import dev.jbuild.linux.netlink.NetworkThread;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Where the host is a namespace of its own, as tests have it: each socket costs a trip to the
 * thread that is in there.
 */
public final class NamespaceSockets implements HostSockets {
  private final NetworkThread thread;

  /**
   * @param thread stays the caller's
   */
  public NamespaceSockets(NetworkThread thread) {
    this.thread = thread;
  }

  @Override
  public DatagramChannel datagram(ProtocolFamily family) throws IOException {
    return thread.run(scope -> DatagramChannel.open(family));
  }

  @Override
  public SocketChannel stream(ProtocolFamily family) throws IOException {
    return thread.run(scope -> SocketChannel.open(family));
  }

  @Override
  public ServerSocketChannel server(ProtocolFamily family) throws IOException {
    return thread.run(scope -> ServerSocketChannel.open(family));
  }
}
