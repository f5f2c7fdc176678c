package dev.jbuild.daemon.session.tunnel;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.util.concurrent.TimeUnit;

/** The threads that all tunnels of a process share. They start with the first tunnel. */
public final class TunnelLoops implements AutoCloseable {
  private static final int THREADS = 2;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(THREADS, LocalIoHandler.newFactory());

  /** For both ends of a channel in memory: what one hands to the other stays in the thread. */
  EventLoop next() {
    return group.next();
  }

  /** Ends the threads. Tunnels that are open end with them. */
  @Override
  public void close() {
    var ending = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    if (ending.isDone() && !ending.isSuccess()) {
      System.getLogger(TunnelLoops.class.getName())
          .log(System.Logger.Level.DEBUG, "the tunnels' threads did not end well");
    }
  }
}
