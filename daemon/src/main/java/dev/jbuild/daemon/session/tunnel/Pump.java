package dev.jbuild.daemon.session.tunnel;

import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between one end of a channel in memory and a gRPC stream, both ways and no faster
 * than either side takes them. What the other end of the channel speaks, HTTP/2, is none of its
 * business. Source: reference wire-session, sections 1 and 2.
 *
 * <p>The stream is written by the channel's event loop alone; it may be read by any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // ends are seen where they happen
final class Pump extends ChannelInboundHandlerAdapter implements StreamObserver<ByteBuf> {
  /** About as large as messages get: less than all clients take, by far. */
  private static final int MESSAGE_BYTES = 256 << 10;

  /** Less than this is copied rather than kept as a piece of its own. */
  private static final int SMALL_BYTES = 1 << 10;

  private static final int HEAD_BYTES = 64;

  /** Messages that may be on their way from the stream to the channel. */
  private static final int AHEAD = 4;

  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CompletableFuture<Channel> channel = new CompletableFuture<>();
  private volatile @Nullable CallStreamObserver<ByteBuf> stream;
  private volatile boolean streamOver;

  /** Messages that wait for the channel's thread: none may overtake them. */
  private final AtomicInteger queued = new AtomicInteger();

  private CompositeByteBuf collected = Unpooled.compositeBuffer(Integer.MAX_VALUE);
  private @Nullable ByteBuf small;
  private int held;

  /** Keeps what is little to itself. */
  private boolean silent = true;

  /** Sends what was kept until now, and from now on what comes. */
  void speak() {
    inLoop(
        open -> {
          if (silent) {
            silent = false;
            send(open);
          }
        });
  }

  private void inLoop(Consumer<Channel> step) {
    channel.thenAccept(open -> open.eventLoop().execute(() -> step.accept(open)));
  }

  /** Tells which stream; before anything of it arrives, and with requests by hand. */
  void attach(CallStreamObserver<ByteBuf> stream) {
    this.stream = stream;
    stream.setOnReadyHandler(() -> inLoop(open -> open.config().setAutoRead(true)));
  }

  /** Done when both the channel and the stream have ended. Never fails. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /** Leaves the stream to who opened it, who ends it with words of its own, and closes the rest. */
  void abandon() {
    streamOver = true;
    close();
  }

  /** Ends the stream with a failure, and closes the channel. */
  void fail(Status why) {
    inLoop(
        open -> {
          if (!streamOver) {
            streamOver = true;
            stream().onError(why.asRuntimeException());
          }
          open.close();
        });
  }

  /** Closes the channel, as soon as there is one, and with it the stream. */
  void close() {
    channel.thenAccept(Channel::close);
  }

  private CallStreamObserver<ByteBuf> stream() {
    CallStreamObserver<ByteBuf> attached = stream;
    if (attached == null) {
      throw new IllegalStateException("no stream was attached");
    }
    return attached;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel.complete(context.channel());
    stream().request(AHEAD);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var bytes = (ByteBuf) message;
    int length = bytes.readableBytes();
    if (length < SMALL_BYTES) {
      if (small == null) {
        small = Unpooled.buffer(HEAD_BYTES);
      }
      small.writeBytes(bytes);
      bytes.release();
    } else {
      addSmall();
      collected.addComponent(true, bytes);
    }
    held += length;
    // A small piece is a frame's head, mostly: whoever gets whole frames need not copy them.
    if (held >= MESSAGE_BYTES && (length >= SMALL_BYTES || held >= 2 * MESSAGE_BYTES)) {
      send(context.channel());
    }
  }

  private void addSmall() {
    if (small != null) {
      collected.addComponent(true, small);
      small = null;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!silent) {
      send(context.channel());
    }
  }

  private void send(Channel from) {
    addSmall();
    ByteBuf message = collected;
    collected = Unpooled.compositeBuffer(Integer.MAX_VALUE);
    held = 0;
    if (message.isReadable() && !streamOver) {
      stream().onNext(message);
    } else {
      message.release();
    }
    if (!streamOver && !stream().isReady()) {
      from.config().setAutoRead(false);
      // It may have become ready in between, and says so only once.
      if (stream().isReady()) {
        from.config().setAutoRead(true);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    silent = false; // nothing is kept any more
    addSmall();
    collected.release();
    if (!streamOver) {
      streamOver = true;
      stream().onCompleted();
    }
    ended.complete(null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!streamOver) {
      streamOver = true;
      stream().onError(Status.INTERNAL.withDescription(cause.getMessage()).asRuntimeException());
    }
    context.close();
  }

  /** Messages come one after the other, but now in the channel's thread and now in another one. */
  @Override
  public void onNext(ByteBuf message) {
    Channel to = channel.getNow(null);
    if (to == null) {
      message.release();
      throw new IllegalStateException("bytes came before they were asked for");
    }
    if (to.eventLoop().inEventLoop() && queued.get() == 0) {
      write(to, message);
      return;
    }
    queued.incrementAndGet();
    to.eventLoop()
        .execute(
            () -> {
              queued.decrementAndGet();
              write(to, message);
            });
  }

  private void write(Channel to, ByteBuf message) {
    to.writeAndFlush(message)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                stream().request(1);
              }
            });
  }

  /** The stream broke: nothing can be written to it any more. */
  @Override
  public void onError(Throwable cause) {
    inLoop(
        open -> {
          streamOver = true;
          open.close();
        });
  }

  /** The other side is done, which ends the tunnel at once. */
  @Override
  public void onCompleted() {
    close();
  }
}
