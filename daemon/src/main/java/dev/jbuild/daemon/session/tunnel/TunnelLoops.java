package dev.jbuild.daemon.session.tunnel;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;

/**
 * The threads of connections and of the tunnels that they carry: what arrives goes through all of
 * it in one thread. They start when they are first needed.
 */
public final class TunnelLoops implements AutoCloseable {
  private static final int SMALL_BYTES = 256;
  private static final int MANY = 64;
  private static final long END_MILLIS = 150;

  private final EventLoopGroup group;

  public TunnelLoops(int threads) {
    group =
        new MultiThreadIoEventLoopGroup(
            threads,
            executor ->
                new BothHandler(
                    NioIoHandler.newFactory().newHandler(executor),
                    LocalIoHandler.newFactory().newHandler(executor)));
  }

  /**
   * For channels in memory: pieces are handed over as they are, many at a time, where Netty would
   * copy them into one.
   */
  static RecvByteBufAllocator handOver() {
    var handOver = new FixedRecvByteBufAllocator(SMALL_BYTES);
    handOver.respectMaybeMoreData(false).maxMessagesPerRead(MANY);
    return handOver;
  }

  /** For the connections. */
  public EventLoopGroup group() {
    return group;
  }

  /** One of them. */
  public EventLoop next() {
    return group.next();
  }

  /** Ends the threads, and waits a moment for it. What is open ends with them. */
  @Override
  public void close() {
    var ending = group.shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS);
    if (!ending.awaitUninterruptibly(END_MILLIS)) {
      System.getLogger(TunnelLoops.class.getName())
          .log(System.Logger.Level.DEBUG, "network threads end late");
    }
  }

  /** Sockets are waited for; channels in memory need no waiting, only a place to be in. */
  private record BothHandler(IoHandler sockets, IoHandler memory) implements IoHandler {
    @Override
    public void initialize() {
      sockets.initialize();
      memory.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      return sockets.run(context);
    }

    @Override
    public void prepareToDestroy() {
      memory.prepareToDestroy();
      sockets.prepareToDestroy();
    }

    @Override
    public void destroy() {
      memory.destroy();
      sockets.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return memory.isCompatible(handle.getClass())
          ? memory.register(handle)
          : sockets.register(handle);
    }

    @Override
    public void wakeup() {
      sockets.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return memory.isCompatible(type) || sockets.isCompatible(type);
    }
  }
}
