package dev.jbuild.daemon.session.tunnel;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.PreferHeapByteBufAllocator;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The client's end of a tunnel: a gRPC server whose only connection is a stream to a daemon. */
public final class ServingTunnel implements AutoCloseable {
  private static final int MESSAGE_BYTES = 16 << 20;
  private static final int METADATA_BYTES = 4 << 20;
  private static final int WINDOW_BYTES = 4 << 20;
  private static final long END_SECONDS = 5;

  private final Pump pump;
  private final Server server;
  private final Stream stream;

  private ServingTunnel(Pump pump, Server server, Stream stream) {
    this.pump = pump;
    this.server = server;
    this.stream = stream;
  }

  /**
   * Serves over a stream.
   *
   * @param call opens the stream: it is given who takes what arrives
   * @param handlers runs the services; they may block
   */
  public static ServingTunnel open(
      List<ServerServiceDefinition> services,
      Consumer<ClientResponseObserver<ByteBuf, ByteBuf>> call,
      TunnelLoops loops,
      Executor handlers)
      throws IOException {
    var address = new LocalAddress(ServingTunnel.class);
    EventLoop loop = loops.next();
    var builder =
        NettyServerBuilder.forAddress(address)
            .channelFactory(Listener::new)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, TunnelLoops.handOver())
            .withChildOption(
                ChannelOption.ALLOCATOR,
                new PreferHeapByteBufAllocator(PooledByteBufAllocator.DEFAULT))
            .flowControlWindow(WINDOW_BYTES)
            .maxInboundMessageSize(MESSAGE_BYTES)
            .maxInboundMetadataSize(METADATA_BYTES)
            .intercept(new ReadyThreshold())
            .executor(handlers);
    services.forEach(builder::addService);
    Server server = builder.build().start();
    var pump = new Pump();
    var stream = new Stream(pump);
    call.accept(stream);
    pump.speak();
    var tunnel = new ServingTunnel(pump, server, stream);
    new Bootstrap()
        .group(loop)
        .channel(LocalChannel.class)
        .option(ChannelOption.RECVBUF_ALLOCATOR, TunnelLoops.handOver())
        .handler(pump)
        .connect(address)
        .syncUninterruptibly();
    return tunnel;
  }

  private static final class Listener extends LocalServerChannel {
    @Override
    protected LocalChannel newLocalChannel(LocalChannel peer) {
      return LargeFrames.on(super.newLocalChannel(peer));
    }
  }

  /** What arrives, and the way back, which is there once the call has begun. */
  private static final class Stream implements ClientResponseObserver<ByteBuf, ByteBuf> {
    private final Pump pump;
    private volatile boolean over;

    Stream(Pump pump) {
      this.pump = pump;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ByteBuf> request) {
      request.disableAutoRequestWithInitial(0);
      pump.attach(request);
    }

    @Override
    public void onNext(ByteBuf message) {
      pump.onNext(message);
    }

    @Override
    public void onError(Throwable cause) {
      over = true;
      pump.onError(cause);
    }

    @Override
    public void onCompleted() {
      over = true;
      pump.onCompleted();
    }
  }

  /** Whether the daemon has ended the stream, or it broke. */
  public boolean over() {
    return stream.over;
  }

  /** Ends the stream as a client does that is done, and waits a while for the daemon's end. */
  @Override
  public void close() {
    pump.close();
    server.shutdownNow();
    try {
      if (!server.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(ServingTunnel.class.getName())
            .log(System.Logger.Level.DEBUG, "a service of the session ends late");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
