package dev.jbuild.linux.netlink;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.NetworkKernel;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one platform thread that changes its network namespace. Work is taken one after the other:
 * the kernel's lock over links serialises it anyway. Between two pieces of work the thread is in
 * the host's namespace; a thread that cannot come back ends, and the next work starts another from
 * a thread that never left.
 *
 * <p>"Host" is the namespace of the process unless another is given: tests play a whole host inside
 * a namespace of their own. Safe for use by several threads.
 */
public final class NetworkThread implements AutoCloseable {
  private static final int MAX_WAITING = 4096;
  private static final long MAX_WAIT_MILLIS = 120_000;
  private static final long LOOK_MILLIS = 500;

  /** Work on the network thread. */
  public interface Work<T extends @Nullable Object> {
    T run(NetworkScope scope) throws IOException;
  }

  private final NetworkKernel kernel;
  private final @Nullable Descriptor host;
  private final LinkedBlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>();
  private final Object lock = new Object();
  private @Nullable Thread thread;
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param host the namespace to work from, stays the caller's; null for that of the process
   */
  public NetworkThread(NetworkKernel kernel, @Nullable Descriptor host) {
    this.kernel = kernel;
    this.host = host;
  }

  /**
   * Runs the work and waits for it. An interrupt does not end the wait, because what the work
   * opened would be lost: it is kept for the caller's next wait. Work is short; where it takes
   * longer than two minutes this fails.
   */
  public <T extends @Nullable Object> T run(Work<T> work) throws IOException {
    var task = new Task<T>(work);
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("network thread is closed");
      }
      if (queue.size() >= MAX_WAITING) {
        throw new IOException("network: more than " + MAX_WAITING + " requests are waiting");
      }
      queue.add(task);
      startIfNone();
    }
    return await(task);
  }

  private <T extends @Nullable Object> T await(Task<T> task) throws IOException {
    boolean interrupted = false;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_MILLIS);
    try {
      while (true) {
        try {
          return task.result.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw failure(e);
        } catch (TimeoutException e) {
          check(task, deadline);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException failure(ExecutionException e) {
    var cause = e.getCause();
    if (cause instanceof RuntimeException bug) {
      throw bug;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException failure ? failure : new IOException(cause);
  }

  /** A lost thread says nothing (see {@link #work}), so those who wait look after it. */
  private void check(Task<?> task, long deadline) throws IOException {
    var runner = task.runner;
    if (runner == null) {
      synchronized (lock) {
        startIfNone();
      }
    } else if (!runner.isAlive() && !task.result.isDone()) {
      throw new IOException("network: the thread could not return to the host's namespace");
    }
    if (System.nanoTime() - deadline > 0) {
      throw new IOException("network: no end of the work within " + MAX_WAIT_MILLIS + " ms");
    }
  }

  private void startIfNone() {
    if (thread == null || !thread.isAlive()) {
      thread = Thread.ofPlatform().daemon().name("jbuild-network").start(this::work);
    }
  }

  /**
   * Takes work until the end. A thread that is in the wrong namespace goes without completing
   * anything: waking a virtual thread may start a carrier thread, which would inherit the
   * namespace.
   */
  private void work() {
    try (var scope = new NetworkScope(kernel, host)) {
      boolean goesOn = true;
      while (goesOn && !scope.isLost()) {
        goesOn = queue.take().runIn(scope);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the thread after the work that waits now. */
  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        queue.add(new Task<>(null));
        startIfNone();
      }
    }
  }

  /** A piece of work, or null for the end of all. */
  private static final class Task<T extends @Nullable Object> {
    private final @Nullable Work<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile @Nullable Thread runner;

    Task(@Nullable Work<T> work) {
      this.work = work;
    }

    /** False at the end. */
    boolean runIn(NetworkScope scope) {
      runner = Thread.currentThread();
      if (work == null) {
        return false;
      }
      try {
        scope.enter();
        T value = work.run(scope);
        result.complete(value);
      } catch (Throwable thrown) {
        if (!scope.isLost()) {
          result.completeExceptionally(thrown);
        }
      }
      return true;
    }
  }
}
