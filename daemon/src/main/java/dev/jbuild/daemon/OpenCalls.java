package dev.jbuild.daemon;

import dev.jbuild.daemon.session.tunnel.SessionMethod;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that are open, so that a server that has to end them can tell their clients why: all that
 * the transport says is that they were reset. Sessions are left out, whose end is no answer.
 */
final class OpenCalls implements ServerInterceptor {
  private final Set<Open<?, ?>> all = ConcurrentHashMap.newKeySet();

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (SessionMethod.is(call.getMethodDescriptor())) {
      return next.startCall(call, headers);
    }
    var open = new Open<>(call);
    all.add(open);
    ServerCall.Listener<Q> handler;
    try {
      handler = next.startCall(open, headers);
    } catch (RuntimeException refused) {
      all.remove(open);
      throw refused;
    }
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onCancel() {
        all.remove(open);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        all.remove(open);
        if (open.told()) {
          super.onCancel(); // its handler has not ended it
        } else {
          super.onComplete();
        }
      }
    };
  }

  /** Ends them all. */
  void end(StatusRuntimeException why) {
    all.forEach(open -> open.end(why));
  }

  /** Drops what the handler says after the end. Its lock guards the end. */
  private static final class Open<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean told;

    /** By the handler itself. */
    private boolean closed;

    Open(ServerCall<Q, A> call) {
      super(call);
    }

    synchronized boolean told() {
      return told;
    }

    synchronized void end(StatusRuntimeException why) {
      if (!closed && !told) {
        told = true;
        delegate()
            .close(
                why.getStatus(), Objects.requireNonNullElseGet(why.getTrailers(), Metadata::new));
      }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!told) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!told) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!told) {
        closed = true;
        super.close(status, trailers);
      }
    }

    @Override
    public boolean isCancelled() {
      return told() || super.isCancelled();
    }
  }
}
