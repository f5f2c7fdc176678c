package dev.jbuild.daemon.build;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A build that runs or has ended. Safe for use by several threads. */
public final class Build {
  private final String ref;
  private final ProgressLog log;
  private final CompletableFuture<Map<String, String>> result = new CompletableFuture<>();
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

  /**
   * Completed when nothing of the build is left: with response keys, a {@link
   * dev.jbuild.error.BuildException}, or, for a bug, something else.
   */
  public CompletableFuture<Map<String, String>> result() {
    return result;
  }

  /** Cancels; {@link #result} is completed when the work has ended. */
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
