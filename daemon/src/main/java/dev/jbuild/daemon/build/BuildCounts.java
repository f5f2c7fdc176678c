package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.concurrent.atomic.LongAdder;

/** How many builds and steps this process has seen. Safe for use by several threads. */
public final class BuildCounts {
  private final LongAdder running = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder stepsRun = new LongAdder();
  private final LongAdder stepsCached = new LongAdder();
  private final LongAdder stepsFailed = new LongAdder();

  /**
   * How the vertices of one build ended.
   *
   * @param run without what was cached
   */
  record Steps(long run, long cached, long failed) {}

  /**
   * The counts at one time; all but {@code running} only grow.
   *
   * @param failed builds, without those that were cancelled
   */
  public record Snapshot(
      long running,
      long succeeded,
      long failed,
      long cancelled,
      long stepsRun,
      long stepsCached,
      long stepsFailed) {}

  public Snapshot now() {
    return new Snapshot(
        running.sum(),
        succeeded.sum(),
        failed.sum(),
        cancelled.sum(),
        stepsRun.sum(),
        stepsCached.sum(),
        stepsFailed.sum());
  }

  void started() {
    running.increment();
  }

  void ended(Build.Outcome outcome, Build build) {
    running.decrement();
    switch (outcome) {
      case Build.Built built -> succeeded.increment();
      case Build.Failed end ->
          (end.cause() instanceof BuildException e && e.code() == Code.CANCELLED
                  ? cancelled
                  : failed)
              .increment();
    }
    Steps steps = build.log().steps();
    stepsRun.add(steps.run());
    stepsCached.add(steps.cached());
    stepsFailed.add(steps.failed());
  }
}
