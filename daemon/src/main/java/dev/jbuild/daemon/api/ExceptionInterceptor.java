package dev.jbuild.daemon.api;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends a call whose handler throws with the status that the failure stands for. */
final class ExceptionInterceptor implements ServerInterceptor {
  private final Failures failures;

  ExceptionInterceptor(Failures failures) {
    this.failures = failures;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    var ended = new AtomicBoolean();
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException | Error failure) {
      close(call, ended, failure);
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        guarded(() -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        guarded(super::onHalfClose);
      }

      @Override
      public void onReady() {
        guarded(super::onReady);
      }

      private void guarded(Runnable action) {
        try {
          action.run();
        } catch (RuntimeException | Error failure) {
          close(call, ended, failure);
        }
      }
    };
  }

  private <Q, R> void close(ServerCall<Q, R> call, AtomicBoolean ended, Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      StatusRuntimeException status = failures.of(failure);
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }
  }
}
