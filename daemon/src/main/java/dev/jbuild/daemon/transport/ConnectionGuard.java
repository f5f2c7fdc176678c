package dev.jbuild.daemon.transport;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends one connection when it makes no call, or says things that do not end. That the greeting ends
 * is gRPC's to see. Used by the connection's own thread, but for {@link #makeRoom}.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private final Connections connections;
  private final GrpcHttp2ConnectionHandler http2;
  private final FrameProgress progress = new FrameProgress();
  private @Nullable ChannelHandlerContext own;
  private boolean watching;
  private boolean overdue;
  private boolean hasCalled;
  private int open;

  ConnectionGuard(Connections connections, GrpcHttp2ConnectionHandler http2) {
    this.connections = connections;
    this.http2 = http2;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    own = context;
    if (!connections.enter(this)) {
      connections.warn(
          "%d connections that are open have calls: another one is closed"
              .formatted(connections.bounds().connections()));
      context.executor().execute(this::cut);
      return;
    }
    http2.connection().addListener(new Calls());
    later(this::expectCall, connections.bounds().firstCall().toNanos());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    connections.leave(this);
  }

  /** Streams begin when the headers are whole. */
  private final class Calls extends Http2ConnectionAdapter {
    @Override
    public void onStreamActive(Http2Stream stream) {
      hasCalled = true;
      open++;
      if (open == 1) {
        connections.calls(ConnectionGuard.this);
      }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      open--;
      if (open == 0) {
        connections.rests(ConnectionGuard.this);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      progress.saw(bytes, System.nanoTime());
      if (progress.owes() && !watching) {
        watch(connections.bounds().frame().toNanos());
      }
    }
    context.fireChannelRead(message);
  }

  private void watch(long nanos) {
    watching = true;
    later(this::expectRest, nanos);
  }

  private void expectRest() {
    watching = false;
    if (!progress.owes()) {
      overdue = false;
      return;
    }
    Duration frame = connections.bounds().frame();
    long left = progress.since() + frame.toNanos() - System.nanoTime();
    if (left > 0) {
      overdue = false;
      watch(left);
    } else if (overdue) {
      cut();
    } else {
      // Where the daemon itself stood still the rest lies here already, and is read before that.
      overdue = true;
      watch(frame.dividedBy(8).toNanos());
    }
  }

  private void expectCall() {
    if (!hasCalled) {
      end();
    }
  }

  /** Others need its place. Any thread may ask for it. */
  void makeRoom() {
    own().executor().execute(this::leave);
  }

  private void leave() {
    if (hasCalled) {
      end();
    } else {
      cut();
    }
  }

  /** Tells the client, whose next call then makes a new connection. */
  private void end() {
    var ignored = own().channel().close();
    later(this::cutUnlessCalled, connections.bounds().ending().toNanos());
  }

  private void cutUnlessCalled() {
    if (open == 0) {
      cut();
    }
  }

  private void cut() {
    var ignored = own().close();
  }

  private void later(Runnable what, long nanos) {
    var ignored = own().executor().schedule(what, nanos, TimeUnit.NANOSECONDS);
  }

  private ChannelHandlerContext own() {
    return Objects.requireNonNull(own, "it was added");
  }
}
