package dev.jbuild.ops;

import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounds work by time. Zero is no limit. The work runs in a thread of its own, so that the
 * interrupt that ends it is never taken for a build that was cancelled, nor the other way round.
 */
record TimeLimit(Duration limit) {

  /** What is bounded; ends soon after its thread is interrupted. */
  interface Work<T> extends Callable<T> {
    @Override
    T call() throws IOException, InterruptedException;
  }

  /** The work had not ended in time, and has ended now. */
  static final class ExceededException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    ExceededException(Duration limit) {
      super("it did not end within " + shown(limit) + ", its time limit");
    }
  }

  /** {@code 1h0m30s}, {@code 1.5s}. */
  static String shown(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  /** Does the work. However this ends, the work has ended before. */
  <T> T run(Work<T> work) throws IOException, InterruptedException, ExceededException {
    if (limit.isZero()) {
      return work.call();
    }
    var task = new FutureTask<T>(work);
    Thread thread = Thread.ofVirtual().name("limited").start(task);
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      end(thread);
      throw new ExceededException(limit);
    } catch (InterruptedException cancelled) {
      end(thread);
      throw cancelled;
    } catch (ExecutionException failed) {
      throw rethrown(failed);
    }
  }

  /** Waits even when it is told not to: what the work holds must not outlive it. */
  private static void end(Thread thread) {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException rethrown(ExecutionException failed)
      throws IOException, InterruptedException {
    Throwable cause = failed.getCause();
    if (cause instanceof IOException failure) {
      throw failure;
    }
    if (cause instanceof InterruptedException failure) {
      throw failure;
    }
    if (cause instanceof Error failure) {
      throw failure;
    }
    return cause instanceof RuntimeException failure
        ? failure
        : new IllegalStateException("work under a time limit", failed);
  }
}
