package dev.jbuild.daemon.session.sync;

import io.grpc.stub.CallStreamObserver;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a call, for several threads, each of which waits until the other side takes more.
 *
 * @param <M> message
 */
public final class PacedStream<M> {
  private static final long LOOK_NANOS = 20_000_000;

  private final CallStreamObserver<M> call;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final boolean busy;
  private @Nullable Throwable end;

  /**
   * To be made before anything is sent or received.
   *
   * @param call whose callbacks do not block: they tell when it is ready
   */
  public PacedStream(CallStreamObserver<M> call) {
    this(call, false);
  }

  private PacedStream(CallStreamObserver<M> call, boolean busy) {
    this.call = call;
    this.busy = busy;
    call.setOnReadyHandler(this::wake);
  }

  /** For a call whose callbacks may block: who waits looks whether it is ready. */
  public static <M> PacedStream<M> ofBusy(CallStreamObserver<M> call) {
    return new PacedStream<>(call, true);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody takes anything any more: whoever waits fails with this cause. */
  public void fail(Throwable cause) {
    lock.lock();
    try {
      end = cause;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the other side takes more, and sends. */
  public void send(M message) throws IOException {
    lock.lock();
    try {
      while (!call.isReady() && end == null) {
        if (busy) {
          changed.awaitNanos(LOOK_NANOS);
        } else {
          changed.await(); // with a bound each wait of a virtual thread wakes another thread
        }
      }
      if (end != null) {
        throw new IOException("the other side has ended the stream", end);
      }
      call.onNext(message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var failure = new InterruptedIOException("sending was cancelled");
      failure.initCause(e);
      throw failure;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends without waiting, for the few messages that are sent while the other side's are taken: its
   * readiness is told by the same thread.
   */
  public void sendNow(M message) {
    lock.lock();
    try {
      if (end == null) {
        call.onNext(message);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the way out: all was sent. */
  public void complete() {
    lock.lock();
    try {
      if (end == null) {
        call.onCompleted();
        end = new IOException("the stream is complete");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the call with a failure. */
  public void abort(Throwable status) {
    lock.lock();
    try {
      if (end == null) {
        call.onError(status);
        end = status;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
