package dev.jbuild.session.direct;

import dev.jbuild.agent.keys.KeyAgent;
import dev.jbuild.session.SshAgents;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;

/** Agents of this machine, by id: those that listen on sockets, and those made of key files. */
public final class LocalAgents implements SshAgents {
  private final Map<String, AgentSource> sources;

  public LocalAgents(Map<String, AgentSource> sources) {
    this.sources = Map.copyOf(sources);
  }

  @Override
  public boolean offers(String id) {
    return sources.containsKey(id);
  }

  @Override
  public ByteChannel connect(String id) throws IOException {
    return switch (sources.get(id)) {
      case null -> NONE.connect(id);
      case AgentSource.Keys keys -> KeyAgent.of(keys.files()).connect();
      case AgentSource.Socket socket -> connect(socket.path());
    };
  }

  private static ByteChannel connect(Path socket) throws IOException {
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
