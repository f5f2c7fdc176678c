package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How long something may take that only tells by being looked at. */
record Deadline(long nanos) {
  private static final long LOOK_MILLIS = 10;

  static Deadline seconds(int seconds) {
    return new Deadline(TimeUnit.SECONDS.toNanos(seconds));
  }

  /** Whether it came true in time. */
  boolean until(Condition condition) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!condition.holds()) {
      if (System.nanoTime() - start > nanos) {
        return false;
      }
      boolean never = new CountDownLatch(1).await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (never) {
        throw new IllegalStateException("nobody counts this latch down");
      }
    }
    return true;
  }

  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }
}
