package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.sync.ClientFailures;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stream of messages that carry bytes, as a channel. One message is asked for at a time, so that
 * what nobody reads stays with the sender.
 *
 * @param <M> the message
 */
final class StreamChannel<M> implements ByteChannel {
  private static final int PIECE_BYTES = 32 << 10;

  private final String what;
  private final Function<ByteBuffer, M> wrap;
  private final Function<M, ByteString> unwrap;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
  private @Nullable ClientCallStreamObserver<M> call;
  private @Nullable Throwable failure;
  private boolean ended;
  private boolean closed;

  /**
   * @param what is at the other end, for texts
   */
  StreamChannel(String what, Function<ByteBuffer, M> wrap, Function<M, ByteString> unwrap) {
    this.what = what;
    this.wrap = wrap;
    this.unwrap = unwrap;
  }

  /** Takes what the other end sends. */
  ClientResponseObserver<M, M> incoming() {
    return new Incoming();
  }

  private final class Incoming implements ClientResponseObserver<M, M> {
    @Override
    public void beforeStart(ClientCallStreamObserver<M> request) {
      request.disableAutoRequestWithInitial(1);
      request.setOnReadyHandler(() -> change(() -> {}));
      change(() -> call = request);
    }

    @Override
    public void onNext(M message) {
      ByteString piece = unwrap.apply(message);
      if (piece.isEmpty()) {
        call().request(1); // it means nothing: no read must end with 0 bytes because of it
        return;
      }
      change(() -> pieces.add(piece.asReadOnlyByteBuffer()));
    }

    @Override
    public void onError(Throwable cause) {
      change(() -> failure = cause);
    }

    @Override
    public void onCompleted() {
      change(() -> ended = true);
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private ClientCallStreamObserver<M> call() {
    return Objects.requireNonNull(call, "the call has begun");
  }

  private void check() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (failure != null) {
      throw new IOException(ClientFailures.of(what, failure).message(), failure);
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    lock.lock();
    try {
      while (pieces.isEmpty() && !ended) {
        check();
        changed.await();
      }
      check();
      if (pieces.isEmpty()) {
        return -1;
      }
      ByteBuffer piece = pieces.element();
      int count = Math.min(into.remaining(), piece.remaining());
      into.put(piece.slice(piece.position(), count));
      piece.position(piece.position() + count);
      if (!piece.hasRemaining()) {
        pieces.remove();
        call().request(1);
      }
      return count;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    lock.lock();
    try {
      int total = from.remaining();
      while (from.hasRemaining()) {
        while (!call().isReady() && !ended) {
          check();
          changed.await();
        }
        check();
        if (ended) {
          throw new IOException(what + ": it has ended the connection");
        }
        int count = Math.min(from.remaining(), PIECE_BYTES);
        call().onNext(wrap.apply(from.slice(from.position(), count)));
        from.position(from.position() + count);
      }
      return total;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    change(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          if (ended) {
            call().onCompleted();
          } else if (failure == null) {
            call().cancel("closed", null);
          }
        });
  }
}
