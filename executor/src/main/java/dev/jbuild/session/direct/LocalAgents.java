package dev.jbuild.session.direct;

import dev.jbuild.session.SshAgents;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;

/** Agents that listen on this machine's sockets, by id. */
public final class LocalAgents implements SshAgents {
  private final Map<String, Path> sockets;

  public LocalAgents(Map<String, Path> sockets) {
    this.sockets = Map.copyOf(sockets);
  }

  @Override
  public boolean offers(String id) {
    return sockets.containsKey(id);
  }

  @Override
  public ByteChannel connect(String id) throws IOException {
    Path socket = sockets.get(id);
    if (socket == null) {
      return NONE.connect(id);
    }
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
  }
}
