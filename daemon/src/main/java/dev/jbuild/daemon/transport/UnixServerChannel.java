package dev.jbuild.daemon.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A listening Unix socket, new or bound before, that notes of each connection who made it. Netty's
 * own does neither.
 */
final class UnixServerChannel extends AbstractNioMessageChannel implements ServerChannel {
  /** Who made a connection. */
  static final AttributeKey<Peer> PEER = AttributeKey.valueOf("dev.jbuild.peer");

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
  private static final int BACKLOG = 4096;

  private final ChannelConfig config = new DefaultChannelConfig(this);

  UnixServerChannel(ServerSocketChannel channel) {
    super(null, channel, SelectionKey.OP_ACCEPT);
  }

  @Override
  protected ServerSocketChannel javaChannel() {
    return (ServerSocketChannel) super.javaChannel();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isActive() {
    return isOpen() && localAddress0() != null;
  }

  @Override
  protected void doBind(SocketAddress address) throws IOException {
    if (localAddress0() == null) {
      javaChannel().bind(address, BACKLOG);
    }
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws IOException {
    SocketChannel connection = javaChannel().accept();
    if (connection == null) {
      return 0;
    }
    try {
      var credentials = connection.getOption(ExtendedSocketOptions.SO_PEERCRED);
      Channel child = new NioDomainSocketChannel(this, connection);
      child.attr(PEER).set(new Peer.Local(credentials.user(), credentials.group()));
      accepted.add(child);
      return 1;
    } catch (IOException | RuntimeException e) {
      // It has gone already: nobody is left to be told.
      connection.close();
      return 0;
    }
  }

  @Override
  protected void doClose() throws IOException {
    javaChannel().close();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    try {
      return javaChannel().getLocalAddress();
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected boolean doWriteMessage(Object message, ChannelOutboundBuffer out) {
    throw new UnsupportedOperationException("nothing is written to a listening socket");
  }

  @Override
  protected boolean doConnect(SocketAddress remote, SocketAddress local) {
    throw new UnsupportedOperationException("a listening socket does not connect");
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException("a listening socket does not connect");
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("a listening socket does not connect");
  }
}
