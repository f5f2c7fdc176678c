package dev.jbuild.daemon.session.tunnel;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Lets calls run ahead of the wire. gRPC's own threshold is less than one of our messages: each
 * would wait until the one before has left.
 */
public final class ReadyThreshold implements ServerInterceptor {
  /** That may wait to be sent before a stream says that it is not ready. */
  public static final int BYTES = 1 << 20;

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    call.setOnReadyThreshold(BYTES);
    return next.startCall(call, headers);
  }
}
