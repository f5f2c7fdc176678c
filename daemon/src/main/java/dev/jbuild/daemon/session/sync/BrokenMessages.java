package dev.jbuild.daemon.session.sync;

import com.google.protobuf.InvalidProtocolBufferException;
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

  private static final class Guard implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      var guarded = new EndableCall<>(call);
      return new GuardedListener<>(next.startCall(guarded, headers), guarded);
    }
  }

  private static final class GuardedListener<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final EndableCall<Q, ?> call;

    GuardedListener(ServerCall.Listener<Q> handler, EndableCall<Q, ?> call) {
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
        if (call.end(Status.INVALID_ARGUMENT.withDescription(text), new Metadata())) {
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
