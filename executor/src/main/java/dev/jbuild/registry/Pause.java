package dev.jbuild.registry;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits between two tries. */
public interface Pause {

  /** Waits on the clock of the machine. */
  Pause REAL =
      millis -> {
        // Nobody counts this down: only the time or an interruption ends the wait.
        boolean early = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        if (early) {
          throw new IllegalStateException("a latch that nobody holds was counted down");
        }
      };

  void forMillis(long millis) throws InterruptedException;
}
