package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.InfoRequest;
import moby.buildkit.v1.InfoResponse;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors of the virtual machine in the middle of a call: memory, depth, classes. */
@Timeout(60)
class CallErrorsTest {
  private final Failures failures = new Failures();
  private Server server;
  private ManagedChannel channel;

  private final class Broken extends ControlGrpc.ControlImplBase {
    @Override
    public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
      throw new StackOverflowError("too deep");
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
      var call = new PacedCall<>((ServerCallStreamObserver<StatusResponse>) observer, failures);
      Thread.ofVirtual()
          .start(
              () ->
                  call.run(
                      () -> {
                        throw new StackOverflowError("too deep");
                      }));
    }
  }

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(new Broken(), new ExceptionInterceptor(failures)))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private static void isInternal(StatusRuntimeException failure) {
    assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
    String text = String.valueOf(failure.getStatus().getDescription());
    assertTrue(text.startsWith("this is a bug in jbuild; the daemon's log has it under"), text);
  }

  @Test
  void anErrorInAHandlerIsAnAnswer() {
    var control = ControlGrpc.newBlockingStub(channel);
    isInternal(
        assertThrows(
            StatusRuntimeException.class, () -> control.info(InfoRequest.getDefaultInstance())));
  }

  @Test
  void anErrorInAStreamsThreadEndsTheStream() {
    var stream = ControlGrpc.newBlockingStub(channel).status(StatusRequest.getDefaultInstance());
    isInternal(assertThrows(StatusRuntimeException.class, stream::hasNext));
  }
}
