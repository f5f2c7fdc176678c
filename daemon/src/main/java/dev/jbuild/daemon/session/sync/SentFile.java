package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.jbuild.session.OutputSink;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import moby.filesync.v1.BytesMessage;
import org.jspecify.annotations.Nullable;

/**
 * A file that the client writes. Closing waits for the client's word that it has all of it. One
 * thread writes.
 */
final class SentFile extends OutputStream implements OutputSink.Droppable {
  private static final int PIECE_BYTES = 256 << 10;

  private final String what;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final byte[] piece = new byte[PIECE_BYTES];
  private int filled;
  private @Nullable ClientCallStreamObserver<BytesMessage> call;
  private @Nullable Throwable failure;
  private boolean taken;
  private boolean closed;

  /**
   * @param what it is, for texts
   */
  SentFile(String what) {
    this.what = what;
  }

  ClientResponseObserver<BytesMessage, BytesMessage> incoming() {
    return new Incoming();
  }

  private final class Incoming implements ClientResponseObserver<BytesMessage, BytesMessage> {
    @Override
    public void beforeStart(ClientCallStreamObserver<BytesMessage> request) {
      request.setOnReadyHandler(() -> change(() -> {}));
      change(() -> call = request);
    }

    @Override
    public void onNext(BytesMessage message) {
      // Clients have nothing to say here.
    }

    /** A client that has it already wants no more of it, which is no failure. */
    @Override
    public void onError(Throwable cause) {
      boolean has = Status.fromThrowable(cause).getCode() == Status.Code.ALREADY_EXISTS;
      change(
          () -> {
            if (has) {
              taken = true;
            } else {
              failure = cause;
            }
          });
    }

    @Override
    public void onCompleted() {
      change(() -> taken = true);
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

  private ClientCallStreamObserver<BytesMessage> call() {
    return Objects.requireNonNull(call, "the call has begun");
  }

  private void check() {
    if (failure != null) {
      throw ClientFailures.of(what, failure);
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, PIECE_BYTES - filled);
      System.arraycopy(from, at, piece, filled, count);
      filled += count;
      at += count;
      left -= count;
      if (filled == PIECE_BYTES) {
        send();
      }
    }
  }

  private void send() throws IOException {
    ByteString data = UnsafeByteOperations.unsafeWrap(Arrays.copyOf(piece, filled));
    filled = 0;
    lock.lock();
    try {
      while (!call().isReady() && !taken) {
        check();
        changed.await();
      }
      if (!taken) {
        check();
        call().onNext(BytesMessage.newBuilder().setData(data).build());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  private static InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    var failure = new InterruptedIOException("sending was cancelled");
    failure.initCause(cause);
    return failure;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (filled > 0) {
      send();
    }
    lock.lock();
    try {
      if (!taken) {
        check();
        call().onCompleted();
      }
      while (!taken) {
        check();
        changed.await();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void drop() {
    closed = true;
    change(() -> call().cancel("the export failed", null));
  }
}
