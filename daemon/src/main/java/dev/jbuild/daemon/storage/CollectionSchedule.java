package dev.jbuild.daemon.storage;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Collects after builds, not more often than once a minute, and once after the start. Its lock
 * guards when that is due. Closing ends a collection that goes on.
 */
public final class CollectionSchedule implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CollectionSchedule.class.getName());
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Duration END = Duration.ofSeconds(5);

  private final Collector collector;
  private final List<GcPolicy> policies;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean due = true;

  /**
   * @param policies empty to collect never
   * @param threads its own one comes from there
   */
  public CollectionSchedule(Collector collector, List<GcPolicy> policies, ThreadFactory threads) {
    this.collector = collector;
    this.policies = List.copyOf(policies);
    this.thread = threads.newThread(this::run);
  }

  /** Begins. */
  public void start() {
    if (!policies.isEmpty()) {
      thread.start();
    }
  }

  /** A build has ended: there may be more than may be kept. */
  public void ended() {
    lock.lock();
    try {
      due = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        awaitDue(PAUSE_NANOS);
        collect();
      }
    } catch (InterruptedException end) {
      // Closed.
    }
  }

  private void awaitDue(long pauseNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = pauseNanos;
      while (left > 0) {
        left = changed.awaitNanos(left);
      }
      while (!due) {
        changed.await();
      }
      due = false;
    } finally {
      lock.unlock();
    }
  }

  private void collect() throws InterruptedException {
    try {
      collector.collect(policies);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "collecting the cache failed; it is tried again after a build", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      if (thread.isAlive() && !thread.join(END)) {
        LOG.log(Level.WARNING, "a collection of the cache does not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
