package dev.jbuild.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  private final SingleFlight<String, Integer> flight = new SingleFlight<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);

  private int work() throws InterruptedException {
    int run = runs.incrementAndGet();
    assertTrue(go.await(10, TimeUnit.SECONDS));
    return run;
  }

  private int ask() throws IOException, InterruptedException {
    return flight.run("key", IOException.class, this::work);
  }

  @Test
  void askedTogetherItRunsOnce() throws Exception {
    var threads = new ArrayList<Thread>();
    var answers = new ConcurrentLinkedQueue<Integer>();
    for (int i = 0; i < 20; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      answers.add(ask());
                    } catch (IOException | InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    awaitWaiting(threads);
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(Collections.nCopies(20, 1), List.copyOf(answers));
  }

  private static void awaitWaiting(List<Thread> threads) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!threads.stream().allMatch(SingleFlightTest::isWaiting)) {
      assertTrue(System.nanoTime() < end, "the threads do not wait");
      Thread.onSpinWait();
    }
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  @Test
  void askedLaterItRunsAgain() throws Exception {
    go.countDown();
    assertEquals(1, ask());
    assertEquals(2, ask());
  }

  @Test
  void failureReachesItsCallerAsItIs() {
    assertThrows(
        IOException.class,
        () ->
            flight.run(
                "key",
                IOException.class,
                () -> {
                  throw new IOException("no");
                }));
  }

  @Test
  void waiterTakesOverFromTheCancelled() throws Exception {
    var started = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first =
          threads.submit(
              () ->
                  flight.run(
                      "key",
                      IOException.class,
                      () -> {
                        started.countDown();
                        return work();
                      }));
      assertTrue(started.await(10, TimeUnit.SECONDS));
      Future<Integer> second = threads.submit(this::ask);
      first.cancel(true);
      go.countDown();
      assertEquals(2, second.get(10, TimeUnit.SECONDS));
      assertThrows(java.util.concurrent.CancellationException.class, first::get);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }
}
