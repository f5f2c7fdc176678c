package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Where the host's network is that of the process. */
public final class ProcessSockets implements HostSockets {
  @Override
  public DatagramChannel datagram(ProtocolFamily family) throws IOException {
    return DatagramChannel.open(family);
  }

  @Override
  public SocketChannel stream(ProtocolFamily family) throws IOException {
    return SocketChannel.open(family);
  }

  @Override
  public ServerSocketChannel server(ProtocolFamily family) throws IOException {
    return ServerSocketChannel.open(family);
  }
}
