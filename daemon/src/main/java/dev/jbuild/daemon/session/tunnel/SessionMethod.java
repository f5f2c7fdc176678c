package dev.jbuild.daemon.session.tunnel;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import moby.buildkit.v1.BytesMessage;
import moby.buildkit.v1.ControlGrpc;

/** The method that opens tunnels, as it is generated but for how large messages are handled. */
public final class SessionMethod {
  private static final WrappingMarshaller<BytesMessage> MARSHALLER =
      new WrappingMarshaller<>(BytesMessage.getDefaultInstance());

  private static final MethodDescriptor<BytesMessage, BytesMessage> METHOD =
      ControlGrpc.getSessionMethod().toBuilder(MARSHALLER, MARSHALLER).build();

  private SessionMethod() {}

  /** Whether a call opens a tunnel. What its messages cause does not block. */
  public static boolean is(MethodDescriptor<?, ?> method) {
    return method.getFullMethodName().equals(METHOD.getFullMethodName());
  }

  /** Opens a tunnel. */
  public static void open(Channel daemon, StreamObserver<BytesMessage> incoming) {
    var options = CallOptions.DEFAULT.withOnReadyThreshold(ReadyThreshold.BYTES);
    ClientCalls.asyncBidiStreamingCall(daemon.newCall(METHOD, options), incoming);
  }

  /** The service, with this method in place of the generated one. */
  public static ServerServiceDefinition in(ServerServiceDefinition control) {
    ServiceDescriptor generated = control.getServiceDescriptor();
    var service =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    var methods = new ArrayList<ServerMethodDefinition<?, ?>>();
    for (ServerMethodDefinition<?, ?> method : control.getMethods()) {
      ServerMethodDefinition<?, ?> taken =
          is(method.getMethodDescriptor()) ? replaced(method) : method;
      methods.add(taken);
      service.addMethod(taken.getMethodDescriptor());
    }
    var builder = ServerServiceDefinition.builder(service.build());
    methods.forEach(builder::addMethod);
    return builder.build();
  }

  @SuppressWarnings("unchecked") // the method of this name has these messages
  private static ServerMethodDefinition<BytesMessage, BytesMessage> replaced(
      ServerMethodDefinition<?, ?> generated) {
    var handler =
        ((ServerMethodDefinition<BytesMessage, BytesMessage>) generated).getServerCallHandler();
    var threshold = new ReadyThreshold();
    return ServerMethodDefinition.create(
        METHOD, (call, headers) -> threshold.interceptCall(call, headers, handler));
  }
}
