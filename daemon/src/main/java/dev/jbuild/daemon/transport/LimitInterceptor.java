package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.api.CallLimit;
import dev.jbuild.solver.llb.ClientLimit;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Tells each call what its client may be granted. */
public final class LimitInterceptor implements ServerInterceptor {
  private final ClientLimits limits;

  public LimitInterceptor(ClientLimits limits) {
    this.limits = limits;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Peer known = call.getAttributes().get(PlainNegotiator.PEER);
    ClientLimit limit = limits.of(known == null ? new Peer.Unknown() : known);
    return limit == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(CallLimit.of(limit), call, headers, next);
  }
}
