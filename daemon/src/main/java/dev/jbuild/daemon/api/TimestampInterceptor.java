package dev.jbuild.daemon.api;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Clock;

/**
 * Sends the headers of streamed answers at once, with the daemon's time: clients reckon with it.
 * Source: reference wire-control, section 5.
 */
final class TimestampInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> TIME =
      Metadata.Key.of("buildkit-current-timestamp", Metadata.ASCII_STRING_MARSHALLER);

  private final Clock clock;

  TimestampInterceptor(Clock clock) {
    this.clock = clock;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (!call.getMethodDescriptor().getType().equals(MethodType.SERVER_STREAMING)) {
      return next.startCall(call, headers);
    }
    var early = new Metadata();
    early.put(TIME, clock.instant().toString());
    call.sendHeaders(early);
    return next.startCall(
        new SimpleForwardingServerCall<Q, R>(call) {
          @Override
          public void sendHeaders(Metadata late) {
            // They are on their way.
          }
        },
        headers);
  }
}
