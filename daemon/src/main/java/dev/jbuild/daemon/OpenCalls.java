package dev.jbuild.daemon;

import dev.jbuild.daemon.session.sync.EndableCall;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.transport.MessageBudget;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that are open, so that a server that has to end them can tell their clients why: all that
 * the transport says is that they were reset. Those that bring more than there is memory for end
 * alone. With the server sessions do not end, for their end is no answer.
 */
final class OpenCalls implements ServerInterceptor {
  private final Set<EndableCall<?, ?>> all = ConcurrentHashMap.newKeySet();

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var open = new EndableCall<>(call);
    MessageBudget.onExcess(why -> open.end(why, new Metadata()));
    if (!SessionMethod.is(call.getMethodDescriptor())) {
      all.add(open);
    }
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
        if (open.ended()) {
          super.onCancel(); // its handler has not ended it
        } else {
          super.onComplete();
        }
      }
    };
  }

  /** Ends them all. */
  void end(StatusRuntimeException why) {
    Status status = why.getStatus();
    for (EndableCall<?, ?> open : all) {
      // Trailers of its own: transports add to them.
      var trailers = new Metadata();
      if (why.getTrailers() != null) {
        trailers.merge(why.getTrailers());
      }
      open.end(status, trailers);
    }
  }
}
