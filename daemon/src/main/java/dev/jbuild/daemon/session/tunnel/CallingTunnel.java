package dev.jbuild.daemon.session.tunnel;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The daemon's end of a tunnel: calls of {@link #channel()} travel as HTTP/2 inside a stream that a
 * client opened. One connection only: when it ends, so does the stream, and the other way round.
 */
public final class CallingTunnel implements AutoCloseable {
  private static final int MESSAGE_BYTES = 16 << 20;
  private static final int METADATA_BYTES = 4 << 20;
  private static final int WINDOW_BYTES = 4 << 20;

  /** Go's servers wait ten for a greeting. */
  private static final int SILENT_SECONDS = 3;

  private final Pump pump;
  private final Channel listener;
  private final ManagedChannel channel;
  private final io.grpc.Channel calls;

  private CallingTunnel(Pump pump, Channel listener, ManagedChannel channel) {
    this.pump = pump;
    this.listener = listener;
    this.channel = channel;
    this.calls = ClientInterceptors.intercept(channel, new Speaking(pump));
  }

  /**
   * Begins to connect.
   *
   * @param stream of the call that brought the tunnel, which has not returned yet
   * @param loop of the stream's connection, or any; this may be called in its thread, which does
   *     not wait
   * @param callbacks runs what calls of the channel tell; may block
   */
  @SuppressWarnings("FutureReturnValueIgnored") // closing does not fail
  public static CallingTunnel open(
      ServerCallStreamObserver<ByteBuf> stream, EventLoop loop, Executor callbacks) {
    var pump = new Pump();
    stream.disableAutoRequest();
    pump.attach(stream);
    stream.setOnCancelHandler(() -> pump.onError(new IllegalStateException("cancelled")));
    var address = new LocalAddress(CallingTunnel.class);
    var listener = new LocalServerChannel();
    listener.pipeline().addLast(new OnlyOne(loop, pump));
    done(loop, () -> loop.register(listener));
    done(loop, () -> listener.bind(address));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address)
            .channelFactory(() -> LargeFrames.on(new LocalChannel()))
            .eventLoopGroup(loop)
            // gRPC sets it always, Netty then warns: null takes it away again.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .withOption(ChannelOption.RECVBUF_ALLOCATOR, TunnelLoops.handOver())
            .overrideAuthority("localhost")
            .usePlaintext()
            .disableRetry()
            .idleTimeout(1000, TimeUnit.DAYS)
            .flowControlWindow(WINDOW_BYTES)
            .maxInboundMessageSize(MESSAGE_BYTES)
            .maxInboundMetadataSize(METADATA_BYTES)
            .executor(callbacks)
            .build();
    ConnectivityState begun = channel.getState(true);
    var tunnel = new CallingTunnel(pump, listener, channel);
    if (begun == ConnectivityState.SHUTDOWN) {
      tunnel.close();
    }
    pump.ended().thenRun(tunnel::close);
    var greeting = loop.schedule(pump::speak, SILENT_SECONDS, TimeUnit.SECONDS);
    pump.ended().thenRun(() -> greeting.cancel(false));
    return tunnel;
  }

  /** In the loop's own thread, which must not wait, all of it happens at once. */
  private static void done(EventLoop loop, Supplier<ChannelFuture> step) {
    if (!loop.inEventLoop()) {
      step.get().syncUninterruptibly();
      return;
    }
    ChannelFuture begun = step.get();
    if (!begun.isSuccess()) {
      throw new IllegalStateException("a channel in memory did not open", begun.cause());
    }
  }

  /** A second connection would be another client's bytes in this one's stream. */
  private static final class OnlyOne extends ChannelInboundHandlerAdapter {
    private final EventLoop loop;
    private final Pump pump;

    OnlyOne(EventLoop loop, Pump pump) {
      this.loop = loop;
      this.pump = pump;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nobody connects twice, whenever it is closed
    public void channelRead(ChannelHandlerContext context, Object message) {
      var accepted = (LocalChannel) message;
      accepted.config().setRecvByteBufAllocator(TunnelLoops.handOver());
      accepted.pipeline().addLast(pump);
      loop.register(accepted);
      context.close();
    }
  }

  /** What arrives by the stream. */
  public StreamObserver<ByteBuf> incoming() {
    return pump;
  }

  /**
   * Nothing is said to the client before the first call, for a while: buildx opens sessions that it
   * closes at once, and takes what comes in between for 32 KiB of frames, whatever their length.
   * Its server waits a second then.
   */
  private record Speaking(Pump pump) implements ClientInterceptor {
    @Override
    public <M, A> ClientCall<M, A> interceptCall(
        MethodDescriptor<M, A> method, CallOptions options, io.grpc.Channel next) {
      pump.speak();
      return next.newCall(method, options);
    }
  }

  /** Calls the client. Its calls fail with UNAVAILABLE once the tunnel has ended. */
  public io.grpc.Channel channel() {
    return calls;
  }

  /** Done when the tunnel has ended, from whichever side. Never fails. */
  public CompletableFuture<Void> ended() {
    return pump.ended();
  }

  /** Ends all but the stream, which the caller ends by telling the client why it is refused. */
  public void abandon() {
    pump.abandon();
    close();
  }

  /** Ends all because the client does not answer, which it is told if it still listens. */
  public void fail(String why) {
    pump.fail(Status.UNAVAILABLE.withDescription(why));
    close();
  }

  /** Ends the calls that go on, the connection and the stream. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for the listener's end
  public void close() {
    channel.shutdownNow();
    listener.close();
    pump.close();
  }
}
