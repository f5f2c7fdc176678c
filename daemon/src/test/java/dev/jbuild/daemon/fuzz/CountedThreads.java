package dev.jbuild.daemon.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/** Threads of what is tested: all of them have to end. */
public final class CountedThreads implements ThreadFactory {
  private final Set<Thread> live = ConcurrentHashMap.newKeySet();

  @Override
  public Thread newThread(Runnable task) {
    return Thread.ofVirtual()
        .unstarted(
            () -> {
              live.add(Thread.currentThread());
              try {
                task.run();
              } finally {
                live.remove(Thread.currentThread());
              }
            });
  }

  /** Waits until none is left. */
  public void assertAllEnd(Duration within) throws InterruptedException {
    long end = System.nanoTime() + within.toNanos();
    for (Thread thread : live) {
      boolean ended = thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      assertTrue(ended, () -> "a thread is left: " + List.of(thread.getStackTrace()));
    }
  }
}
