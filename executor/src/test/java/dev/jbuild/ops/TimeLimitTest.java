package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TimeLimitTest {
  private static final TimeLimit LONG = new TimeLimit(Duration.ofHours(1));
  private static final TimeLimit SHORT = new TimeLimit(Duration.ofMillis(20));

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch never = new CountDownLatch(1);
  private final AtomicBoolean ended = new AtomicBoolean();

  private String forEver() throws InterruptedException {
    begun.countDown();
    try {
      never.await();
      return "";
    } finally {
      ended.set(true);
    }
  }

  @Test
  void whatEndsInTimeGivesItsResult() throws Exception {
    assertEquals("done", LONG.run(() -> "done"));
  }

  @Test
  void workWithoutLimitStaysInItsThread() throws Exception {
    assertSame(Thread.currentThread(), new TimeLimit(Duration.ZERO).run(Thread::currentThread));
  }

  @Test
  void whatIsLateHasEndedWhenThatIsSaid() {
    var late = assertThrows(TimeLimit.ExceededException.class, () -> SHORT.run(this::forEver));
    assertEquals("it did not end within 0.02s, its time limit", late.getMessage());
    assertTrue(ended.get());
  }

  @Test
  void lateWorkDoesNotInterruptItsCaller() {
    assertThrows(TimeLimit.ExceededException.class, () -> SHORT.run(this::forEver));
    assertEquals(false, Thread.interrupted());
  }

  @Test
  void cancelledWorkHasEndedAndIsNotLate() throws Exception {
    Thread caller = Thread.currentThread();
    Thread canceller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    begun.await();
                    caller.interrupt();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    assertThrows(InterruptedException.class, () -> LONG.run(this::forEver));
    assertTrue(ended.get());
    canceller.join();
  }

  @Test
  void failuresPassAsTheyAre() {
    var failure = new IOException("no");
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () ->
                LONG.run(
                    () -> {
                      throw failure;
                    })));
  }
}
