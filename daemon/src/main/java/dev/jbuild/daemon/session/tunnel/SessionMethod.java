package dev.jbuild.daemon.session.tunnel;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import moby.buildkit.v1.ControlGrpc;
import org.jspecify.annotations.Nullable;

/** The method that opens tunnels, as it is generated but for what its messages are here. */
public final class SessionMethod {
  private static final BufferMarshaller MARSHALLER = new BufferMarshaller();
  private static final MethodDescriptor<ByteBuf, ByteBuf> METHOD =
      ControlGrpc.getSessionMethod().toBuilder(MARSHALLER, MARSHALLER).build();

  private SessionMethod() {}

  /** Opens tunnels. */
  @FunctionalInterface
  public interface Handler {
    /**
     * @param stream of which nothing has arrived yet
     * @param loop of its connection, where that is known
     * @return takes what arrives
     */
    StreamObserver<ByteBuf> open(
        ServerCallStreamObserver<ByteBuf> stream, @Nullable EventLoop loop);
  }

  /** Whether a call opens a tunnel. What its messages cause does not block. */
  public static boolean is(MethodDescriptor<?, ?> method) {
    return method.getFullMethodName().equals(METHOD.getFullMethodName());
  }

  /** Opens a tunnel. */
  public static void open(Channel daemon, StreamObserver<ByteBuf> incoming) {
    var options = CallOptions.DEFAULT.withOnReadyThreshold(ReadyThreshold.BYTES);
    ClientCalls.asyncBidiStreamingCall(daemon.newCall(METHOD, options), incoming);
  }

  /** The service, with this method in place of the generated one. */
  public static ServerServiceDefinition in(ServerServiceDefinition control, Handler handler) {
    ServiceDescriptor generated = control.getServiceDescriptor();
    var service =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    var methods = new ArrayList<ServerMethodDefinition<?, ?>>();
    for (ServerMethodDefinition<?, ?> method : control.getMethods()) {
      ServerMethodDefinition<?, ?> taken =
          is(method.getMethodDescriptor()) ? served(handler) : method;
      methods.add(taken);
      service.addMethod(taken.getMethodDescriptor());
    }
    var builder = ServerServiceDefinition.builder(service.build());
    methods.forEach(builder::addMethod);
    return builder.build();
  }

  private static ServerMethodDefinition<ByteBuf, ByteBuf> served(Handler handler) {
    var threshold = new ReadyThreshold();
    return ServerMethodDefinition.create(
        METHOD,
        (call, headers) -> {
          EventLoop loop = ConnectionLoop.of(call);
          ServerCallHandler<ByteBuf, ByteBuf> opened =
              ServerCalls.asyncBidiStreamingCall(
                  observer -> handler.open((ServerCallStreamObserver<ByteBuf>) observer, loop));
          return threshold.interceptCall(call, headers, opened);
        });
  }
}
