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
  private static final int REASON_CHARS = 200;
  private static final AsciiString SCHEME = AsciiString.of("https");

  private final InternalProtocolNegotiator.ProtocolNegotiator plain =
      InternalProtocolNegotiators.serverPlaintext();
  private final SslContext context;
  private final Connections connections;

  TlsNegotiator(SslContext context, Connections connections) {
    this.context = context;
    this.connections = connections;
  }

  @Override
  public AsciiString scheme() {
    return SCHEME;
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
    return new Introduction(handler);
  }

  @Override
  public void close() {
    plain.close();
  }

  /** Holds the beginning back until the client has shown its certificate. */
  private final class Introduction extends ChannelInboundHandlerAdapter {
    private final GrpcHttp2ConnectionHandler http2;
    private @Nullable ProtocolNegotiationEvent begin;

    Introduction(GrpcHttp2ConnectionHandler http2) {
      this.http2 = http2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      SslHandler tls = context.newHandler(added.alloc());
      tls.setHandshakeTimeoutMillis(connections.bounds().greeting().toMillis() / 2);
      added.pipeline().addBefore(added.name(), null, tls);
      added.pipeline().addBefore(added.name(), null, connections.guard(http2));
      added.pipeline().addAfter(added.name(), null, plain.newHandler(http2));
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
              begin,
              ConnectionLoop.with(MessageBudget.with(attributes), context.channel().eventLoop())));
      context.pipeline().remove(this);
    }

    /** A client that only looks whether somebody listens is not worth a line. */
    private void tell(ChannelHandlerContext context, Throwable refusal) {
      if (!(refusal instanceof ClosedChannelException)) {
        connections.warn(
            "TLS with the client at %s failed, it gets no answer: %s"
                .formatted(context.channel().remoteAddress(), shortened(refusal)));
      }
    }

    /** Netty tells all bytes that are not TLS. */
    private String shortened(Throwable refusal) {
      String text = String.valueOf(refusal.getMessage());
      return text.length() > REASON_CHARS ? text.substring(0, REASON_CHARS) + "..." : text;
    }

    private List<String> names(SSLSession session) {
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
