package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.daemon.transport.ConnectionBounds;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that never become whole cost those who send them, and nobody else. */
@Timeout(60)
class MessageBudgetTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final int MOST = 5 << 20;

  /** The client sends whole mebibytes of it. */
  private static final int PART = 5 << 19;

  private static final MethodDescriptor<InputStream, InputStream> TAKE =
      MethodDescriptor.newBuilder(new AsItIs(), new AsItIs())
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Taker/Take")
          .build();

  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final TunnelLoops loops = new TunnelLoops(2);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final CountDownLatch enough = new CountDownLatch(1);
  private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
  private @Nullable GrpcServer server;
  private int port;

  @BeforeEach
  void serve() {
    var bounds = new ConnectionBounds(LONG, LONG, LONG, LONG, LONG, LONG, 100, 100, 100, MOST);
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("test.Taker")
            .addMethod(
                TAKE,
                ServerCalls.asyncUnaryCall(
                    (taken, observer) -> {
                      observer.onNext(taken);
                      observer.onCompleted();
                    }))
            .build();
    server =
        new GrpcServer(
            List.of(service),
            ServerConfig.NONE,
            ClientLimits.of(List.of()),
            bounds,
            loops,
            handlers);
    port = ((ListenAddress.Tcp) server.listen(new ListenAddress.Tcp("127.0.0.1", 0))).port();
  }

  @AfterEach
  void close() throws Exception {
    enough.countDown();
    channels.forEach(ManagedChannel::shutdownNow);
    if (server != null) {
      server.close();
    }
    loops.close();
    handlers.shutdownNow();
    loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .build();
    channels.add(channel);
    return channel;
  }

  /** Gives how the call ends, which is well once all has arrived. */
  private static Status.Code ask(ManagedChannel channel, int bytes) {
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          TAKE,
          CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
          new ByteArrayInputStream(new byte[bytes]));
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** Of which the last byte does not come. */
  private final class Unfinished extends InputStream implements KnownLength {
    private int left = PART;

    @Override
    public int available() {
      return PART + 1;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("read in pieces");
    }

    @Override
    public int read(byte[] to, int from, int length) {
      if (left == 0) {
        try {
          enough.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return -1;
      }
      int piece = Math.min(left, length);
      left -= piece;
      return piece;
    }
  }

  /** What arrives is only looked at. */
  private static final class AsItIs implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return InputStream.nullInputStream();
    }
  }

  private void begin(ManagedChannel channel) {
    ClientCall<InputStream, InputStream> call = channel.newCall(TAKE, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ends.add(status);
          }
        },
        new Metadata());
    call.request(1);
    Thread.ofVirtual().start(() -> call.sendMessage(new Unfinished()));
  }

  @Test
  void whoHoldsMostLosesACallAndNobodyElseDoes() throws Exception {
    ManagedChannel modest = connected();
    begin(modest);
    ManagedChannel greedy = connected();
    begin(greedy);
    begin(greedy);
    Status end = null;
    for (int i = 0; end == null && i < 1000; i++) {
      // What was begun goes out with what is asked beside it.
      assertEquals(Status.Code.OK, ask(modest, 1));
      assertEquals(Status.Code.OK, ask(greedy, 1));
      end = ends.poll(10, TimeUnit.MILLISECONDS);
    }
    assertEquals(
        "RESOURCE_EXHAUSTED: messages that have not wholly arrived take more than 5 MiB, and this"
            + " connection has most of them: send fewer at once",
        end == null ? "none" : end.getCode() + ": " + end.getDescription());
    for (int i = 0; i < 20; i++) {
      assertEquals(Status.Code.OK, ask(modest, 100 << 10));
      assertEquals(Status.Code.OK, ask(greedy, 100 << 10));
    }
    assertEquals(0, ends.size(), "no other call has ended");
  }

  @Test
  void whatHasArrivedCountsNoMore() {
    ManagedChannel channel = connected();
    for (int i = 0; i < 10; i++) {
      assertEquals(Status.Code.OK, ask(channel, MOST / 2));
    }
  }

  @Test
  void whatIsCancelledCountsNoMore() throws Exception {
    for (int i = 0; i < 6; i++) {
      ManagedChannel gone = connected();
      begin(gone);
      assertEquals(Status.Code.OK, ask(gone, 1), "what was begun is sent before");
      gone.shutdownNow();
      Status end = ends.poll(20, TimeUnit.SECONDS);
      assertEquals(Status.Code.UNAVAILABLE, end == null ? null : end.getCode());
    }
    ManagedChannel last = connected();
    begin(last);
    begin(last);
    assertEquals(Status.Code.OK, ask(last, 1));
    assertEquals(0, ends.size(), "there is room for both");
  }

  /** Before that calls would wait for it, and not send. */
  private ManagedChannel connected() {
    ManagedChannel channel = connect();
    assertEquals(Status.Code.OK, ask(channel, 1));
    return channel;
  }
}
