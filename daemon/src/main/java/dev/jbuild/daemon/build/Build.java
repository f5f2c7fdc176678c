package dev.jbuild.daemon.build;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A build that runs or has ended. Safe for use by several threads. */
public final class Build {
  private final String ref;
  private final ProgressLog log;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
  private volatile boolean cancelled;

  Build(String ref, ProgressLog log) {
    this.ref = ref;
    this.log = log;
  }

  public String ref() {
    return ref;
  }

  public ProgressLog log() {
    return log;
  }

  /** How a build ended. */
  public sealed interface Outcome {}

  /** With what the exporters answered, by response key. */
  public record Built(Map<String, String> response) implements Outcome {
    public Built {
      response = Map.copyOf(response);
    }
  }

  /** With a {@link dev.jbuild.error.BuildException}, or, for a bug, something else. */
  public record Failed(Throwable cause) implements Outcome {}

  /** Waits until nothing of the build is left; false when the time is over first. */
  boolean awaitEnd(long timeoutNanos) throws InterruptedException {
    return ended.await(timeoutNanos, TimeUnit.NANOSECONDS);
  }

  void end() {
    ended.countDown();
  }

  /** Cancels; the build goes on until nothing of it is left. */
  public void cancel() {
    cancelled = true;
    Thread thread = worker.get();
    if (thread != null) {
      thread.interrupt();
    }
  }

  boolean cancelled() {
    return cancelled;
  }

  /** Tells which thread works for this build, so that a cancel reaches it. */
  void runsIn(Thread thread) {
    worker.set(thread);
    if (cancelled) {
      thread.interrupt();
    }
  }

  /** From here on a cancel interrupts nobody. */
  void leavesThread() {
    worker.set(null);
  }
}
