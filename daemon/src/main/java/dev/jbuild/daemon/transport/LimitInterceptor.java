package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.api.CallLimit;
import dev.jbuild.solver.llb.ClientLimit;
import io.grpc.Attributes;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Tells each call what its client may be granted. */
public final class LimitInterceptor implements ServerInterceptor {
  private final ClientLimits limits;

  public LimitInterceptor(ClientLimits limits) {
    this.limits = limits;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ClientLimit limit = limits.of(peer(call.getAttributes()));
    return limit == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(CallLimit.of(limit), call, headers, next);
  }

  private static Peer peer(Attributes attributes) {
    Peer local = attributes.get(PeerNegotiator.PEER);
    if (local != null) {
      return local;
    }
    SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    try {
      if (session != null && session.getPeerCertificates()[0] instanceof X509Certificate shown) {
        return new Peer.Certified(CertificateNames.of(shown));
      }
    } catch (SSLPeerUnverifiedException e) {
      // Without a certificate nobody gets this far; if so, then as nobody.
    }
    return new Peer.Unknown();
  }
}
