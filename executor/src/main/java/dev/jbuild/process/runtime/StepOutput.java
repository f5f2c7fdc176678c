package dev.jbuild.process.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Moves one stream of a step to whoever takes it, in pieces of at most 64 KiB. A taker that fails
 * does not stop the step: the rest is read and dropped, and the failure is kept.
 */
final class StepOutput {
  private static final int PIECE_BYTES = 1 << 16;
  private static final int HEAD_BYTES = 2048;

  private final InputStream stream;
  private final Taker taker;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final byte[] head = new byte[HEAD_BYTES];
  private final AtomicLong count = new AtomicLong();
  private volatile @Nullable RuntimeException failure;

  /** Takes bytes; the array is used again afterwards. */
  interface Taker {
    void take(byte[] bytes, int offset, int length);
  }

  private StepOutput(InputStream stream, Taker taker) {
    this.stream = stream;
    this.taker = taker;
  }

  static StepOutput start(Executor executor, InputStream stream, Taker taker) {
    var output = new StepOutput(stream, taker);
    executor.execute(output::move);
    return output;
  }

  private void move() {
    byte[] bytes = new byte[PIECE_BYTES];
    try {
      for (int length = stream.read(bytes); length >= 0; length = stream.read(bytes)) {
        long before = count.getAndAdd(length);
        if (before < HEAD_BYTES) {
          int rest = (int) Math.min(length, HEAD_BYTES - before);
          System.arraycopy(bytes, 0, head, (int) before, rest);
        }
        give(bytes, length);
      }
    } catch (IOException closed) {
      // Closed from our side after the step's end: nothing more is wanted.
    } finally {
      ended.countDown();
    }
  }

  private void give(byte[] bytes, int length) {
    if (failure != null) {
      return;
    }
    try {
      taker.take(bytes, 0, length);
    } catch (RuntimeException refused) {
      failure = refused;
    }
  }

  /**
   * Waits for the end of the stream, through interruptions: with the sandbox's last process gone
   * nobody inside holds it.
   *
   * @return whether the end was reached in time
   */
  boolean await(long timeoutMillis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    boolean interrupted = false;
    boolean done = false;
    while (!done) {
      try {
        done = ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return done;
  }

  long count() {
    return count.get();
  }

  /** The whole output when it is short, else its beginning. */
  String head() {
    int length = (int) Math.min(count.get(), HEAD_BYTES);
    return new String(head, 0, length, StandardCharsets.UTF_8);
  }

  @Nullable RuntimeException failure() {
    return failure;
  }
}
