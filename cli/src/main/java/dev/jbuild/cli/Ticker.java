package dev.jbuild.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Calls an action some ten times a second until it is closed. */
final class Ticker implements AutoCloseable {
  private static final long PERIOD_MILLIS = 100;

  private final CountDownLatch closed = new CountDownLatch(1);

  /** Starts a thread; closing ends it. */
  void start(Runnable action) {
    Thread.ofPlatform().daemon().name("progress").start(() -> loop(action));
  }

  private void loop(Runnable action) {
    try {
      while (!closed.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
        action.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
