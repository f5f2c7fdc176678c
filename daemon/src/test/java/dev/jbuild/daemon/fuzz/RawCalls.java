package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Calls whose messages are bytes, whether or not they are messages of the method. */
public final class RawCalls {
  private RawCalls() {}

  private static final class Raw implements MethodDescriptor.Marshaller<ByteString> {
    @Override
    public InputStream stream(ByteString message) {
      return message.newInput();
    }

    @Override
    public ByteString parse(InputStream message) {
      try {
        return ByteString.readFrom(message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The other side of a call: it is given the way back. */
  public interface Taker {
    StreamObserver<ByteString> take(Metadata headers, StreamObserver<ByteString> back);
  }

  /** Of as many messages as either side likes, whatever the method says. */
  private static MethodDescriptor<ByteString, ByteString> raw(MethodDescriptor<?, ?> method) {
    return method.toBuilder(new Raw(), new Raw())
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .build();
  }

  /** A service of one method. */
  public static BindableService service(MethodDescriptor<?, ?> method, Taker taker) {
    String name = Objects.requireNonNull(method.getServiceName());
    return () ->
        ServerServiceDefinition.builder(name)
            .addMethod(
                raw(method),
                (call, headers) ->
                    ServerCalls.asyncBidiStreamingCall(
                            (StreamObserver<ByteString> back) -> taker.take(headers, back))
                        .startCall(call, headers))
            .build();
  }

  /** Begins a call. */
  public static ClientCall<ByteString, ByteString> call(
      Channel to, MethodDescriptor<?, ?> method, Metadata headers) {
    return ClientInterceptors.intercept(to, MetadataUtils.newAttachHeadersInterceptor(headers))
        .newCall(raw(method), CallOptions.DEFAULT);
  }

  /** Stands between a caller and a service, and keeps what both say, in its order. */
  public static BindableService recording(
      MethodDescriptor<?, ?> method, Channel service, List<Turn.Spoken> conversation) {
    return service(
        method,
        (headers, back) -> {
          var answers = new Passing(back, conversation, false);
          ClientCall<ByteString, ByteString> call = call(service, method, headers);
          return new Passing(ClientCalls.asyncBidiStreamingCall(call, answers), conversation, true);
        });
  }

  private record Passing(
      StreamObserver<ByteString> on, List<Turn.Spoken> conversation, boolean byCaller)
      implements StreamObserver<ByteString> {
    @Override
    public void onNext(ByteString message) {
      synchronized (conversation) {
        conversation.add(new Turn.Spoken(byCaller, message));
      }
      on.onNext(message);
    }

    @Override
    public void onError(Throwable cause) {
      on.onError(cause);
    }

    @Override
    public void onCompleted() {
      on.onCompleted();
    }
  }
}
