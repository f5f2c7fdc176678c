package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Opens sockets in the host's network: blocking, not bound, not connected. Whoever opens one closes
 * it. A socket stays in the network it was opened in, whatever thread uses it. Safe for use by
 * several threads.
 */
public interface HostSockets {
  DatagramChannel datagram(ProtocolFamily family) throws IOException;

  SocketChannel stream(ProtocolFamily family) throws IOException;

  ServerSocketChannel server(ProtocolFamily family) throws IOException;
}
