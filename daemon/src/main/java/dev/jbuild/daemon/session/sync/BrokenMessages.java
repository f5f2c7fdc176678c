package dev.jbuild.daemon.session.sync;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Ends calls in which a message comes that can not be parsed. gRPC ends them too, but tells the
 * caller nothing, the log too much, and the handler not at all: what it holds it would hold for
 * ever. Here the caller is told what was wrong, and the handler that the call was cancelled.
 */
public final class BrokenMessages {
  private BrokenMessages() {}

  /** The service, with all its methods guarded. */
  public static ServerServiceDefinition refused(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(
        ServerInterceptors.useMarshalledMessages(service, new AsTheyCome()), new Guard());
  }

  /** Leaves the parsing to the listener behind the guard. */
  private static final class AsTheyCome implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream message) {
      return message;
    }

    @Override
    public InputStream parse(InputStream message) {
      return message;
    }
  }

  private static final System.Logger LOG = System.getLogger(BrokenMessages.class.getName());

  private static final class Guard implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      var guarded = new GuardedCall<>(call);
      return new GuardedListener<>(next.startCall(guarded, headers), guarded);
    }
  }

  /** Drops what the handler says after the end. Its lock guards the end. */
  private static final class GuardedCall<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private boolean ended;

    /** By the handler itself. */
    private boolean closed;

    GuardedCall(ServerCall<Q, A> call) {
      super(call);
    }

    synchronized boolean ended() {
      return ended;
    }

    /** False when the handler has ended the call before. */
    synchronized boolean end(Status why) {
      if (!closed) {
        delegate().close(why, new Metadata());
        ended = true;
      }
      return ended;
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!ended) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!ended) {
        super.sendMessage(message);
        return;
      }
      try (var unsent = (InputStream) message) {
        LOG.log(System.Logger.Level.TRACE, "not sent after the end: {0}", unsent);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "what is not sent did not close", e);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!ended) {
        closed = true;
        super.close(status, trailers);
      }
    }

    @Override
    public boolean isCancelled() {
      return ended() || super.isCancelled();
    }
  }

  private static final class GuardedListener<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final GuardedCall<Q, ?> call;

    GuardedListener(ServerCall.Listener<Q> handler, GuardedCall<Q, ?> call) {
      super(handler);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (call.ended()) {
        return;
      }
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException e) {
        if (!(e.getCause() instanceof InvalidProtocolBufferException broken)) {
          throw e;
        }
        String method = call.getMethodDescriptor().getFullMethodName();
        String text = method + ": a message can not be parsed: " + broken.getMessage();
        if (call.end(Status.INVALID_ARGUMENT.withDescription(text))) {
          super.onCancel();
        }
      }
    }

    @Override
    public void onHalfClose() {
      if (!call.ended()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!call.ended()) {
        super.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!call.ended()) {
        super.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!call.ended()) {
        super.onReady();
      }
    }
  }
}
