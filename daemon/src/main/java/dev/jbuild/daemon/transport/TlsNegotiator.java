package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.session.tunnel.ConnectionLoop;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsciiString;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over mutual TLS. gRPC's own insists on ALPN, which the remote driver of docker buildx does
 * not offer; nothing but HTTP/2 is spoken here, so there is nothing to agree on.
 */
final class TlsNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
  private static final System.Logger LOG = System.getLogger(TlsNegotiator.class.getName());
  private static final AsciiString SCHEME = AsciiString.of("https");

  private final InternalProtocolNegotiator.ProtocolNegotiator plain =
      InternalProtocolNegotiators.serverPlaintext();
  private final SslContext context;

  TlsNegotiator(SslContext context) {
    this.context = context;
  }

  @Override
  public AsciiString scheme() {
    return SCHEME;
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
    return new Introduction(context, plain.newHandler(handler));
  }

  @Override
  public void close() {
    plain.close();
  }

  /** Holds the beginning back until the client has shown its certificate. */
  private static final class Introduction extends ChannelInboundHandlerAdapter {
    private final SslContext tls;
    private final ChannelHandler usual;
    private @Nullable ProtocolNegotiationEvent begin;

    Introduction(SslContext tls, ChannelHandler usual) {
      this.tls = tls;
      this.usual = usual;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.pipeline().addBefore(context.name(), null, tls.newHandler(context.alloc()));
      context.pipeline().addAfter(context.name(), null, usual);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      switch (event) {
        case ProtocolNegotiationEvent first -> begin = first;
        case SslHandshakeCompletionEvent done -> {
          if (done.isSuccess()) {
            shown(context);
          } else {
            tell(context, done.cause());
            context.fireExceptionCaught(done.cause());
          }
        }
        default -> context.fireUserEventTriggered(event);
      }
    }

    private void shown(ChannelHandlerContext context) {
      if (begin == null) {
        throw new IllegalStateException("a client was faster than the server");
      }
      SSLSession session = context.pipeline().get(SslHandler.class).engine().getSession();
      Attributes attributes =
          InternalProtocolNegotiationEvent.getAttributes(begin).toBuilder()
              .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
              .set(PlainNegotiator.PEER, new Peer.Certified(names(session)))
              .build();
      context.fireUserEventTriggered(
          InternalProtocolNegotiationEvent.withAttributes(
              begin, ConnectionLoop.with(attributes, context.channel().eventLoop())));
      context.pipeline().remove(this);
    }

    /** A client that only looks whether somebody listens is not worth a line. */
    private static void tell(ChannelHandlerContext context, Throwable refusal) {
      if (!(refusal instanceof ClosedChannelException)) {
        LOG.log(
            Level.WARNING,
            "TLS with the client at {0} failed, it gets no answer: {1}",
            context.channel().remoteAddress(),
            refusal.getMessage());
      }
    }

    private static List<String> names(SSLSession session) {
      try {
        return session.getPeerCertificates()[0] instanceof X509Certificate shown
            ? CertificateNames.of(shown)
            : List.of();
      } catch (SSLPeerUnverifiedException e) {
        // TLS does not get this far without a certificate; if it did, then as nobody.
        return List.of();
      }
    }
  }
}
