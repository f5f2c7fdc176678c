package dev.jbuild.daemon.session.tunnel;

import static dev.jbuild.daemon.session.tunnel.TunnelDaemon.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.Turn.Spoken;
import dev.jbuild.daemon.session.FrameRecorder;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TunnelTest {
  private TunnelDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TunnelDaemon(false);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void opensInTheThreadOfItsConnection() throws Exception {
    try (var inLoop = new TunnelDaemon(true);
        ServingTunnel client = inLoop.serve()) {
      assertEquals(ServingStatus.SERVING, check(inLoop.next()));
      assertFalse(client.over());
    }
  }

  @Test
  void daemonCallsServiceOfTheClient() throws Exception {
    ServingTunnel client = daemon.serve();
    try (client) {
      assertEquals(ServingStatus.SERVING, check(daemon.next()));
    }
  }

  @Test
  void tunnelsDoNotMeet() throws Exception {
    var ends = new ArrayList<ServingTunnel>();
    for (int i = 0; i < 20; i++) {
      ends.add(daemon.serve());
    }
    for (int i = 0; i < 20; i++) {
      assertEquals(ServingStatus.SERVING, check(daemon.next()));
    }
    ends.forEach(ServingTunnel::close);
  }

  @Test
  void streamsGoBothWaysSideBySide() throws Exception {
    ServingTunnel client = daemon.serve();
    try (client) {
      CallingTunnel tunnel = daemon.next();
      var done = new CountDownLatch(30);
      var bytes = new AtomicLong();
      for (int call = 0; call < 30; call++) {
        var sender =
            FileSendGrpc.newStub(tunnel.channel())
                .diffCopy(
                    new StreamObserver<>() {
                      @Override
                      public void onNext(BytesMessage message) {
                        bytes.addAndGet(message.getData().size());
                      }

                      @Override
                      public void onError(Throwable cause) {}

                      @Override
                      public void onCompleted() {
                        done.countDown();
                      }
                    });
        for (int i = 0; i < 20; i++) {
          sender.onNext(
              BytesMessage.newBuilder().setData(ByteString.copyFrom(new byte[10_000])).build());
        }
        sender.onCompleted();
      }
      assertTrue(done.await(30, TimeUnit.SECONDS), "all calls end");
      assertEquals(30 * 20 * 10_000, bytes.get());
    }
  }

  @Test
  void framesOfBothEndsHoldFourTimesWhatIsUsual() throws Exception {
    var frames = new ArrayList<Spoken>();
    ServingTunnel client =
        daemon.serve(ClientInterceptors.intercept(daemon.channel, new FrameRecorder(frames)));
    try (client) {
      CallingTunnel tunnel = daemon.next();
      check(tunnel);
      var once =
          FileSendGrpc.getDiffCopyMethod().toBuilder()
              .setType(MethodDescriptor.MethodType.UNARY)
              .build();
      var large = BytesMessage.newBuilder().setData(ByteString.copyFrom(new byte[200_000])).build();
      var options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
      assertEquals(large, ClientCalls.blockingUnaryCall(tunnel.channel(), once, options, large));
    }
    assertEquals(9 + 65_536, largest(frames, true), "of the client");
    assertEquals(9 + 65_536, largest(frames, false), "of the daemon");
  }

  private static int largest(List<Spoken> frames, boolean byClient) {
    synchronized (frames) {
      return frames.stream()
          .filter(spoken -> spoken.byCaller() == byClient)
          .mapToInt(spoken -> spoken.message().size())
          .max()
          .orElse(0);
    }
  }

  @Test
  void slowReaderHoldsTheSenderBack() throws Exception {
    ServingTunnel client = daemon.serve();
    try (client) {
      CallingTunnel tunnel = daemon.next();
      var sent = new AtomicInteger();
      var received = new AtomicInteger();
      var furthest = new AtomicInteger();
      var finished = new CompletableFuture<Void>();
      var piece =
          BytesMessage.newBuilder().setData(ByteString.copyFrom(new byte[256 << 10])).build();
      int pieces = 400; // 100 MB
      FileSendGrpc.newStub(tunnel.channel())
          .diffCopy(
              new ClientResponseObserver<BytesMessage, BytesMessage>() {
                private @Nullable ClientCallStreamObserver<BytesMessage> call;

                @Override
                public void beforeStart(ClientCallStreamObserver<BytesMessage> request) {
                  call = request;
                  request.disableAutoRequestWithInitial(1);
                  request.setOnReadyHandler(this::fill);
                }

                private void fill() {
                  var call = Objects.requireNonNull(this.call);
                  while (call.isReady() && sent.get() < pieces) {
                    call.onNext(piece);
                    if (sent.incrementAndGet() == pieces) {
                      call.onCompleted();
                    }
                  }
                }

                @Override
                public void onNext(BytesMessage message) {
                  int behind = sent.get() - received.incrementAndGet();
                  furthest.accumulateAndGet(behind, Math::max);
                  Objects.requireNonNull(call).request(1);
                }

                @Override
                public void onError(Throwable cause) {
                  finished.completeExceptionally(cause);
                }

                @Override
                public void onCompleted() {
                  finished.complete(null);
                }
              });
      finished.get(50, TimeUnit.SECONDS);
      assertEquals(pieces, received.get());
      assertTrue(furthest.get() < 200, "pieces on their way: " + furthest.get());
    }
  }

  @Test
  void clientThatIsDoneEndsTheTunnelAndItsCalls() throws Exception {
    ServingTunnel client = daemon.serve();
    CallingTunnel tunnel = daemon.next();
    assertEquals(ServingStatus.SERVING, check(tunnel));
    client.close();
    tunnel.ended().get(20, TimeUnit.SECONDS);
    var failure = assertThrows(StatusRuntimeException.class, () -> check(tunnel));
    assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
  }

  @Test
  void daemonThatEndsTheTunnelEndsTheStream() throws Exception {
    try (ServingTunnel client = daemon.serve()) {
      CallingTunnel tunnel = daemon.next();
      assertEquals(ServingStatus.SERVING, check(tunnel));
      tunnel.close();
      tunnel.ended().get(20, TimeUnit.SECONDS);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!client.over() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertTrue(client.over());
    }
  }
}
