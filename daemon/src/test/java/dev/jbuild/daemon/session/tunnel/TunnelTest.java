package dev.jbuild.daemon.session.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.Turn.Spoken;
import dev.jbuild.daemon.session.FrameRecorder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import moby.buildkit.v1.ControlGrpc;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TunnelTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TunnelLoops loops = new TunnelLoops(2);
  private final BlockingQueue<CallingTunnel> arrived = new LinkedBlockingQueue<>();
  private boolean inLoop;
  private Server daemon;
  private ManagedChannel toDaemon;

  @BeforeEach
  void startDaemon() throws Exception {
    ServerServiceDefinition control =
        SessionMethod.in(
            new ControlGrpc.ControlImplBase() {}.bindService(),
            (stream, loop) -> {
              EventLoop own = loops.next();
              // gRPC calls in the connection's thread or in another one, as it happens.
              CallingTunnel tunnel =
                  inLoop
                      ? own.submit(() -> CallingTunnel.open(stream, own, threads))
                          .syncUninterruptibly()
                          .getNow()
                      : CallingTunnel.open(stream, own, threads);
              arrived.add(tunnel);
              return tunnel.incoming();
            });
    daemon = InProcessServerBuilder.forName("tunnel").executor(threads).addService(control).build();
    daemon.start();
    toDaemon = InProcessChannelBuilder.forName("tunnel").executor(threads).build();
  }

  @AfterEach
  void stop() {
    toDaemon.shutdownNow();
    daemon.shutdownNow();
    loops.close();
    threads.shutdownNow();
  }

  /** Gives back what it gets. */
  private static final class Echo extends FileSendGrpc.FileSendImplBase {
    @Override
    public StreamObserver<BytesMessage> diffCopy(StreamObserver<BytesMessage> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          observer.onNext(message);
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  private ServingTunnel serve() throws Exception {
    return serve(toDaemon);
  }

  private ServingTunnel serve(Channel daemon) throws Exception {
    List<ServerServiceDefinition> services =
        List.of(
            new HealthStatusManager().getHealthService().bindService(), new Echo().bindService());
    return ServingTunnel.open(
        services, stream -> SessionMethod.open(daemon, stream), loops, threads);
  }

  private CallingTunnel next() throws InterruptedException {
    CallingTunnel tunnel = arrived.poll(20, TimeUnit.SECONDS);
    assertTrue(tunnel != null, "the tunnel arrives");
    return tunnel;
  }

  private static ServingStatus check(CallingTunnel tunnel) {
    return HealthGrpc.newBlockingStub(tunnel.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void opensInTheThreadOfItsConnection() throws Exception {
    inLoop = true;
    ServingTunnel client = serve();
    assertEquals(ServingStatus.SERVING, check(next()));
    client.close();
  }

  @Test
  void daemonCallsServiceOfTheClient() throws Exception {
    ServingTunnel client = serve();
    try (client) {
      assertEquals(ServingStatus.SERVING, check(next()));
    }
  }

  @Test
  void tunnelsDoNotMeet() throws Exception {
    var ends = new ArrayList<ServingTunnel>();
    for (int i = 0; i < 20; i++) {
      ends.add(serve());
    }
    for (int i = 0; i < 20; i++) {
      assertEquals(ServingStatus.SERVING, check(next()));
    }
    ends.forEach(ServingTunnel::close);
  }

  @Test
  void streamsGoBothWaysSideBySide() throws Exception {
    ServingTunnel client = serve();
    try (client) {
      CallingTunnel tunnel = next();
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
    ServingTunnel client = serve(ClientInterceptors.intercept(toDaemon, new FrameRecorder(frames)));
    try (client) {
      CallingTunnel tunnel = next();
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
    ServingTunnel client = serve();
    try (client) {
      CallingTunnel tunnel = next();
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
    ServingTunnel client = serve();
    CallingTunnel tunnel = next();
    assertEquals(ServingStatus.SERVING, check(tunnel));
    client.close();
    tunnel.ended().get(20, TimeUnit.SECONDS);
    var failure = assertThrows(StatusRuntimeException.class, () -> check(tunnel));
    assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
  }

  @Test
  void daemonThatEndsTheTunnelEndsTheStream() throws Exception {
    try (ServingTunnel client = serve()) {
      CallingTunnel tunnel = next();
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

  /** A client that writes its own bytes into the stream. */
  private StreamObserver<moby.buildkit.v1.BytesMessage> raw(
      AtomicReference<Throwable> failure, CountDownLatch end) {
    return raw(message -> {}, failure, end);
  }

  private StreamObserver<moby.buildkit.v1.BytesMessage> raw(
      Consumer<moby.buildkit.v1.BytesMessage> heard,
      AtomicReference<Throwable> failure,
      CountDownLatch end) {
    return ControlGrpc.newStub(toDaemon)
        .session(
            new StreamObserver<>() {
              @Override
              public void onNext(moby.buildkit.v1.BytesMessage message) {
                heard.accept(message);
              }

              @Override
              public void onError(Throwable cause) {
                failure.set(cause);
                end.countDown();
              }

              @Override
              public void onCompleted() {
                end.countDown();
              }
            });
  }

  private static moby.buildkit.v1.BytesMessage bytes(byte[] data) {
    return moby.buildkit.v1.BytesMessage.newBuilder().setData(ByteString.copyFrom(data)).build();
  }

  @Test
  void otherBytesThanHttp2EndThatTunnelAlone() throws Exception {
    var failure = new AtomicReference<Throwable>();
    var end = new CountDownLatch(1);
    ServingTunnel client = serve();
    try (client) {
      CallingTunnel good = next();
      var stream = raw(failure, end);
      CallingTunnel bad = next();
      stream.onNext(bytes(text("HTTP/1.1 200 OK\r\n\r\n hello hello hello hello")));
      assertTrue(end.await(20, TimeUnit.SECONDS), "the stream ends");
      bad.ended().get(20, TimeUnit.SECONDS);
      assertThrows(StatusRuntimeException.class, () -> check(bad));
      assertEquals(ServingStatus.SERVING, check(good));
    }
  }

  @Test
  void emptyMessagesMeanNothing() throws Exception {
    var failure = new AtomicReference<Throwable>();
    var end = new CountDownLatch(1);
    var stream = raw(failure, end);
    CallingTunnel tunnel = next();
    for (int i = 0; i < 100; i++) {
      stream.onNext(bytes(new byte[0]));
    }
    stream.onCompleted();
    assertTrue(end.await(20, TimeUnit.SECONDS), "the stream ends");
    assertEquals(null, failure.get());
    tunnel.ended().get(20, TimeUnit.SECONDS);
  }

  @Test
  void halfClosedStreamEndsWithoutError() throws Exception {
    var failure = new AtomicReference<Throwable>();
    var end = new CountDownLatch(1);
    raw(failure, end).onCompleted();
    assertTrue(end.await(20, TimeUnit.SECONDS), "the stream ends");
    assertEquals(null, failure.get());
  }

  /** What BuildKit's clients hear while they close has them wait a second. */
  @Test
  void nothingIsSaidToWhomNobodyCalls() throws Exception {
    var heard = new ConcurrentLinkedQueue<moby.buildkit.v1.BytesMessage>();
    var end = new CountDownLatch(1);
    var stream = raw(heard::add, new AtomicReference<>(), end);
    stream.onNext(
        bytes(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0})); // settings, which are acknowledged
    stream.onCompleted();
    assertTrue(end.await(20, TimeUnit.SECONDS), "the stream ends");
    assertEquals(List.of(), List.copyOf(heard));
  }

  /** Go's servers take a client that does not greet in ten seconds for broken. */
  @Test
  void clientThatNobodyCallsIsGreetedInTheEnd() throws Exception {
    var heard = new LinkedBlockingQueue<moby.buildkit.v1.BytesMessage>();
    var stream = raw(heard::add, new AtomicReference<>(), new CountDownLatch(1));
    var greeting = heard.poll(9, TimeUnit.SECONDS);
    assertTrue(greeting != null, "a greeting comes");
    assertTrue(greeting.getData().startsWith(ByteString.copyFromUtf8("PRI * HTTP/2.0")));
    stream.onCompleted();
  }

  @Test
  void brokenStreamFailsTheCallsThatGoOn() throws Exception {
    var failure = new AtomicReference<Throwable>();
    var stream = raw(failure, new CountDownLatch(1));
    CallingTunnel tunnel = next();
    var call = CompletableFuture.runAsync(() -> check(tunnel), threads);
    stream.onError(new IllegalStateException("gone"));
    var failed = assertThrows(Exception.class, () -> call.get(15, TimeUnit.SECONDS));
    assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(failed.getCause()).getCode());
    tunnel.ended().get(20, TimeUnit.SECONDS);
  }
}
