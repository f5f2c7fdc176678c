package dev.jbuild.daemon.transport;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends calls whose one message does not come. Streams may wait for as long as they like. */
public final class RequestBound implements ServerInterceptor {
  private final Duration bound;
  private final ScheduledExecutorService timer;

  /**
   * @param timer forgets what is cancelled
   */
  public RequestBound(Duration bound, ScheduledExecutorService timer) {
    this.bound = bound;
    this.timer = timer;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
      return listener;
    }
    var decided = new AtomicBoolean();
    Future<?> end =
        timer.schedule(() -> refuse(call, decided), bound.toMillis(), TimeUnit.MILLISECONDS);
    return new SimpleForwardingServerCallListener<>(listener) {
      // With it handlers begin: before it nobody but the timer uses the call.
      @Override
      public void onHalfClose() {
        end.cancel(false);
        if (decided.compareAndSet(false, true)) {
          super.onHalfClose();
        }
      }

      @Override
      public void onCancel() {
        end.cancel(false);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        end.cancel(false);
        super.onComplete();
      }
    };
  }

  private <Q, R> void refuse(ServerCall<Q, R> call, AtomicBoolean decided) {
    if (decided.compareAndSet(false, true)) {
      call.close(
          Status.DEADLINE_EXCEEDED.withDescription(
              "%s: the request did not come within %d s"
                  .formatted(call.getMethodDescriptor().getFullMethodName(), bound.toSeconds())),
          new Metadata());
    }
  }
}
