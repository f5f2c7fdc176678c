import dev.jbuild.daemon.session.sync.FileSyncService;
import dev.jbuild.daemon.session.sync.RemoteFileSync;
import dev.jbuild.daemon.session.tunnel.CallingTunnel;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.transport.ConnectionBounds;
import dev.jbuild.daemon.transport.Connections;
import dev.jbuild.daemon.transport.UnixSockets;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.source.local.LocalMirrors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ControlGrpc;
import moby.filesync.v1.FileSendGrpc;

/**
 * Prints what contexts cost that come through a session's tunnel on a Unix socket, beside a bare
 * gRPC stream over such a socket: client and daemon in one process, in turns, medians.
 */
final class TunnelBench {
  private static final int ROUNDS = 7;

  /** Rounds before, of which the first ones are interpreted: a daemon works for days. */
  private static final int WARM = 8;

  private static final int PIECE_BYTES = 256 << 10;
  private static final long LARGE_BYTES = 500L << 20;
  private static final int DIRECTORIES = 200;
  private static final int FILES = 100;
  private static final Instant LATER = Instant.ofEpochSecond(9_000_000_000L);
  private static final Context.Key<Metadata> HEADERS = Context.key("headers");
  private static final FileSync.Filter ALL =
      new FileSync.Filter(List.of(), List.of(), List.of());

  private final Path work;
  private final Kernel kernel = new LibcKernel();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<CallingTunnel> arrived = new CompletableFuture<>();
  private final TunnelLoops loops = new TunnelLoops(2);
  private final TunnelLoops clientLoops = new TunnelLoops(1);

  private TunnelBench(Path work) {
    this.work = work;
  }

  public static void main(String[] args) throws Exception {
    new TunnelBench(Path.of(args[0])).run();
    System.exit(0); // threads of Netty end slowly
  }

  private void run() throws Exception {
    Path socket = work.resolve("tunnel.sock");
    Server daemon = daemon(socket);
    ManagedChannel channel = channel(socket);
    Path large = Files.createDirectories(work.resolve("one"));
    Path small = Files.createDirectories(work.resolve("many"));
    write(large, small);
    var files = new DirectoryFileSync(Map.of("one", large, "many", small), kernel);
    var service = new FileSyncService(files, HEADERS::get, Thread.ofVirtual().factory());
    try (var client =
            ServingTunnel.open(
                List.of(ServerInterceptors.intercept(service, new Headers())),
                stream -> SessionMethod.open(channel, stream),
                clientLoops,
                threads);
        CallingTunnel tunnel = arrived.get(10, TimeUnit.SECONDS)) {
      var remote = new RemoteFileSync(tunnel.channel(), "bench");
      large(channel, remote);
      small(remote);
    }
    channel.shutdownNow();
    daemon.shutdownNow();
  }

  private void large(ManagedChannel channel, FileSync remote) throws Exception {
    var bare = new double[ROUNDS];
    var walked = new double[ROUNDS];
    var ratios = new double[ROUNDS];
    for (int i = 0; i < WARM; i++) {
      bare(channel);
      walk(remote);
    }
    for (int i = 0; i < ROUNDS; i++) {
      bare[i] = LARGE_BYTES / 1e6 / bare(channel);
      walked[i] = LARGE_BYTES / 1e6 / walk(remote);
      ratios[i] = walked[i] / bare[i];
    }
    row("bare gRPC stream, messages of 256 KiB", median(bare), "MB/s");
    row("one file of 500 MB by a walk through the tunnel", median(walked), "MB/s");
    row("the same by the bare stream (wanted: 0.8)", median(ratios), "");
  }

  private void small(FileSync remote) throws Exception {
    var cold = new double[ROUNDS];
    var unchanged = new double[ROUNDS];
    for (int i = -WARM; i < ROUNDS; i++) {
      Path root = work.resolve("contexts" + i);
      var mirrors =
          new LocalMirrors(
              root,
              kernel,
              new Durability(root.resolve(".unsynced"), "bench", kernel, task -> {}),
              threads,
              () -> LATER);
      mirrors.open();
      double written = DIRECTORIES * FILES / sync(mirrors, remote);
      double same = sync(mirrors, remote) * 1000;
      if (i >= 0) {
        cold[i] = written;
        unchanged[i] = same;
      }
    }
    row("20,000 small files into an empty mirror (wanted: 15,000)", median(cold), "files/s");
    row("the same, unchanged (wanted: 400)", median(unchanged), "ms");
  }

  private static double sync(LocalMirrors mirrors, FileSync remote) throws Exception {
    long begin = System.nanoTime();
    try (var lease = mirrors.sync("key", remote, "many", ALL)) {
      return (System.nanoTime() - begin) / 1e9;
    }
  }

  private static double bare(ManagedChannel channel) throws Exception {
    long begin = System.nanoTime();
    var done = new CompletableFuture<Void>();
    FileSendGrpc.newStub(channel)
        .diffCopy(
            new StreamObserver<>() {
              @Override
              public void onNext(moby.filesync.v1.BytesMessage message) {}

              @Override
              public void onError(Throwable cause) {
                done.completeExceptionally(cause);
              }

              @Override
              public void onCompleted() {
                done.complete(null);
              }
            });
    done.get();
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double walk(FileSync remote) throws IOException {
    long begin = System.nanoTime();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 17);
    try (FileSync.Walk walk = remote.open("one", ALL)) {
      while (walk.hasNext()) {
        FileSync.Entry entry = walk.next();
        try (var from = walk.read(entry)) {
          while (from.read(buffer) >= 0) {
            buffer.clear();
          }
        }
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private Server daemon(Path socket) throws IOException {
    ServerServiceDefinition control =
        SessionMethod.in(
            new ControlGrpc.ControlImplBase() {}.bindService(),
            (stream, loop) -> {
              CallingTunnel tunnel = CallingTunnel.open(stream, loop, threads);
              arrived.complete(tunnel);
              return tunnel.incoming();
            });
    return NettyServerBuilder.forAddress(
            UnixDomainSocketAddress.of(socket), UnixSockets.credentials(new Connections(ConnectionBounds.USUAL)))
        .withChildOption(ChannelOption.SO_KEEPALIVE, null)
        .channelFactory(UnixSockets::open)
        .bossEventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .workerEventLoopGroup(loops.group())
        .executor(threads)
        .maxInboundMessageSize(16 << 20)
        .callExecutor(
            new ServerCallExecutorSupplier() {
              @Override
              public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
                return SessionMethod.is(call.getMethodDescriptor()) ? Runnable::run : null;
              }
            })
        .addService(control)
        .addService(new Bare())
        .build()
        .start();
  }

  private ManagedChannel channel(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .overrideAuthority("localhost")
        .channelType(NioDomainSocketChannel.class)
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        .usePlaintext()
        .eventLoopGroup(clientLoops.group())
        .directExecutor()
        .maxInboundMessageSize(16 << 20)
        .build();
  }

  /** Sends as much as the large file has. */
  private static final class Bare extends FileSendGrpc.FileSendImplBase {
    @Override
    public StreamObserver<moby.filesync.v1.BytesMessage> diffCopy(
        StreamObserver<moby.filesync.v1.BytesMessage> observer) {
      var call = (ServerCallStreamObserver<moby.filesync.v1.BytesMessage>) observer;
      long[] left = {LARGE_BYTES};
      call.setOnReadyHandler(
          () -> {
            while (call.isReady() && left[0] > 0) {
              byte[] piece = new byte[PIECE_BYTES];
              var data = com.google.protobuf.UnsafeByteOperations.unsafeWrap(piece);
              call.onNext(moby.filesync.v1.BytesMessage.newBuilder().setData(data).build());
              left[0] -= PIECE_BYTES;
              if (left[0] <= 0) {
                call.onCompleted();
              }
            }
          });
      return new StreamObserver<>() {
        @Override
        public void onNext(moby.filesync.v1.BytesMessage message) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }
  }

  /** As the client's session hands the headers of a call to the service. */
  private static final class Headers implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  private static void write(Path large, Path small) throws IOException {
    byte[] piece = new byte[1 << 20];
    new java.util.Random(1).nextBytes(piece);
    try (var out = Files.newOutputStream(large.resolve("data"))) {
      for (long left = LARGE_BYTES; left > 0; left -= piece.length) {
        out.write(piece);
      }
    }
    for (int d = 0; d < DIRECTORIES; d++) {
      Path directory = Files.createDirectories(small.resolve("d" + d));
      for (int f = 0; f < FILES; f++) {
        Files.writeString(directory.resolve("f" + f), d + " " + f + "\n");
      }
    }
  }

  private static double median(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void row(String what, double figure, String unit) {
    System.out.printf("%-64s %10.2f %s%n", what, figure, unit);
  }
}
