package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.session.tunnel.ConnectionLoop;
import io.grpc.Attributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AsciiString;

/** HTTP/2 without TLS, where gRPC learns who the channel says that it is connected to. */
final class PlainNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
  /** The peer of a call's connection. */
  static final Attributes.Key<Peer> PEER = Attributes.Key.create("dev.jbuild.peer");

  private final InternalProtocolNegotiator.ProtocolNegotiator plain =
      InternalProtocolNegotiators.serverPlaintext();

  private final Connections connections;

  PlainNegotiator(Connections connections) {
    this.connections = connections;
  }

  @Override
  public AsciiString scheme() {
    return plain.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
    return new Introduction(connections.guard(handler), plain.newHandler(handler));
  }

  @Override
  public void close() {
    plain.close();
  }

  /** Stands before the usual handler until the negotiation begins. */
  private static final class Introduction extends ChannelInboundHandlerAdapter {
    private final ChannelHandler guard;
    private final ChannelHandler usual;

    Introduction(ChannelHandler guard, ChannelHandler usual) {
      this.guard = guard;
      this.usual = usual;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.pipeline().addAfter(context.name(), null, usual);
      context.pipeline().addBefore(context.name(), null, guard);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (!(event instanceof ProtocolNegotiationEvent begin)) {
        context.fireUserEventTriggered(event);
        return;
      }
      var known = InternalProtocolNegotiationEvent.getAttributes(begin).toBuilder();
      Peer peer = context.channel().attr(UnixServerChannel.PEER).get();
      if (peer != null) { // TCP does not tell
        known.set(PEER, peer);
      }
      context.fireUserEventTriggered(
          InternalProtocolNegotiationEvent.withAttributes(
              begin,
              ConnectionLoop.with(
                  MessageBudget.with(known.build()), context.channel().eventLoop())));
      context.pipeline().remove(this);
    }
  }
}
