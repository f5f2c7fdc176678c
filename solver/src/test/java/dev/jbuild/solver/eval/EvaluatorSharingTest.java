package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.MemoryKeyStore;
import dev.jbuild.solver.progress.VertexProgress.Stream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several jobs at once, cancellation and failure; latches decide the order of things. */
@Timeout(60)
final class EvaluatorSharingTest {
  private final Toys toys = new Toys();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch finish = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);

  private int untilTold(int value) throws InterruptedException {
    running.countDown();
    try {
      finish.await();
      return value;
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
  }

  private Vertex slow() {
    return toys.op("slow", (context, in) -> untilTold(7)).on();
  }

  /** Returns once the second job waits for the run of the first. */
  private FutureTask<Integer> joining(Job job, Toys.Events events, Vertex vertex)
      throws InterruptedException {
    FutureTask<Integer> solve = Toys.async(() -> toys.solve(job, vertex.output(0)));
    events.awaitTrace(vertex, "shared: the same step is running already");
    return solve;
  }

  private static Code failureOf(FutureTask<Integer> solve) {
    var failure = assertThrows(ExecutionException.class, () -> solve.get(30, TimeUnit.SECONDS));
    return assertInstanceOf(BuildException.class, failure.getCause()).code();
  }

  @Test
  void twoJobsShareOneRun() throws Exception {
    var events = new Toys.Events();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, slow().output(0)));
      running.await();
      var second = joining(b, events, slow());
      finish.countDown();

      assertEquals(7, first.get());
      assertEquals(7, second.get());
      assertEquals(1, toys.runs("slow"));
    }
  }

  @Test
  void whoComesLateGetsTheEarlierOutput() throws Exception {
    var events = new Toys.Events();
    byte[] line = "hello\n".getBytes(StandardCharsets.UTF_8);
    Vertex talking =
        toys.op(
                "talking",
                (context, in) -> {
                  context.progress().log(Stream.STDOUT, line, 0, line.length);
                  return untilTold(7);
                })
            .on();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, talking.output(0)));
      running.await();
      var second = joining(b, events, talking);
      finish.countDown();
      first.get();
      second.get();
    }

    assertEquals("hello\n", events.logs(talking));
    assertEquals(List.of("load", "start", "done"), events.states(talking));
  }

  @Test
  void runGoesOnWithoutTheJobThatBeganIt() throws Exception {
    var events = new Toys.Events();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, slow().output(0)));
      running.await();
      var second = joining(b, events, slow());
      a.cancel();
      assertEquals(Code.CANCELLED, failureOf(first));
      finish.countDown();

      assertEquals(7, second.get());
      assertEquals(1, toys.runs("slow"));
      assertEquals(1, interrupted.getCount());
    }
  }

  @Test
  void anotherJobRunsAgainWhatFailedBecauseItsJobLeft() throws Exception {
    var events = new Toys.Events();
    var step = new CountDownLatch(1);
    Vertex mine =
        toys.op(
                "step",
                (context, in) -> {
                  untilTold(0);
                  throw new BuildException(Code.FAILED, "the session is gone");
                })
            .on();
    Vertex theirs =
        toys.op(
                "step",
                (context, in) -> {
                  step.countDown();
                  return 9;
                })
            .on();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, mine.output(0)));
      running.await();
      var second = joining(b, events, theirs);
      a.cancel();
      assertEquals(Code.CANCELLED, failureOf(first));
      finish.countDown();

      assertEquals(9, second.get());
      assertEquals(0, step.getCount());
    }
  }

  @Test
  void anotherJobRunsAgainWhatFailedForOneSession() throws Exception {
    var events = new Toys.Events();
    Vertex mine =
        toys.op(
                "step",
                (context, in) -> {
                  untilTold(0);
                  throw new BuildException(Code.UNAUTHENTICATED, "no such token");
                })
            .on();
    Vertex theirs = toys.value("step", 9).on();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, mine.output(0)));
      running.await();
      var second = joining(b, events, theirs);
      finish.countDown();

      assertEquals(9, second.get());
      assertEquals(Code.UNAUTHENTICATED, failureOf(first));
      assertEquals(2, toys.runs("step"));
    }
  }

  @Test
  void failureOfTheStepItselfIsShared() throws Exception {
    var events = new Toys.Events();
    Vertex broken =
        toys.op(
                "broken",
                (context, in) -> {
                  untilTold(0);
                  throw new BuildException(Code.STEP_FAILED, "exit code 1");
                })
            .on();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      var first = Toys.async(() -> toys.solve(a, broken.output(0)));
      running.await();
      var second = joining(b, events, broken);
      finish.countDown();

      assertEquals(Code.STEP_FAILED, failureOf(first));
      assertEquals(Code.STEP_FAILED, failureOf(second));
      assertEquals(1, toys.runs("broken"));
    }
  }

  @Test
  void runStopsWhenTheLastJobLeaves() throws Exception {
    var events = new Toys.Events();
    Job job = toys.solver.open("a", events);
    var solve = Toys.async(() -> toys.solve(job, slow().output(0)));
    running.await();
    job.close();

    assertEquals(0, interrupted.getCount());
    assertEquals(Code.CANCELLED, failureOf(solve));
    assertEquals(List.of("load", "start", "context canceled"), events.states(slow()));
  }

  @Test
  void cancelledWorkIsNotCachedAndCanBeAskedForAgain() throws Exception {
    Job job = toys.open("a");
    var solve = Toys.async(() -> toys.solve(job, slow().output(0)));
    running.await();
    job.close();
    assertEquals(Code.CANCELLED, failureOf(solve));
    finish.countDown();

    assertEquals(7, toys.build("b", slow()));
    assertEquals(2, toys.runs("slow"));
  }

  @Test
  void jobThatComesWhileARunIsStoppedWaitsAndRunsItself() throws Exception {
    var stopping = new CountDownLatch(1);
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    Vertex stubborn =
        toys.op(
                "stubborn",
                (context, in) -> {
                  most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                  try {
                    return untilTold(7);
                  } catch (InterruptedException e) {
                    stopping.await(); // as a process that takes its time to die
                    throw e;
                  } finally {
                    atOnce.decrementAndGet();
                  }
                })
            .on();
    Job a = toys.open("a");
    var first = Toys.async(() -> toys.solve(a, stubborn.output(0)));
    running.await();
    a.cancel();
    interrupted.await();
    try (Job b = toys.open("b")) {
      var second = Toys.async(() -> toys.solve(b, stubborn.output(0)));
      assertFalse(second.isDone());
      finish.countDown();
      stopping.countDown();

      assertEquals(7, second.get());
      assertEquals(Code.CANCELLED, failureOf(first));
    }
    a.close();
    assertEquals(1, most.get());
  }

  @Test
  void oneFailureStopsTheOtherWorkOfTheSolve() throws Exception {
    Vertex broken =
        toys.op(
                "broken",
                (context, in) -> {
                  running.await();
                  throw new BuildException(Code.STEP_FAILED, "exit code 1");
                })
            .on();

    var failure = toys.buildFails("a", toys.sum("sum/2").on(slow(), broken));

    assertEquals("exit code 1", failure.message());
    assertEquals(0, interrupted.getCount());
    assertEquals(0, toys.runs("sum/2"));
  }

  @Test
  void interruptedCallerCancelsTheWork() throws Exception {
    Job job = toys.open("a");
    var outcome = new CountDownLatch(1);
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    toys.solve(job, slow().output(0));
                  } catch (InterruptedException e) {
                    outcome.countDown();
                  }
                });
    running.await();
    caller.interrupt();
    outcome.await();

    assertEquals(0, interrupted.getCount());
    job.close();
  }

  @Test
  void twoSolvesOfOneJobEvaluateAVertexOnce() throws Exception {
    Vertex local = toys.op("local", (context, in) -> untilTold(7)).onlyForJob().on();
    try (Job job = toys.open("a")) {
      var first = Toys.async(() -> toys.solve(job, local.output(0)));
      running.await();
      var second = Toys.async(() -> toys.solve(job, local.output(0)));
      finish.countDown();

      assertEquals(14, first.get() + second.get());
      assertEquals(1, toys.runs("local"));
    }
  }

  @Test
  void solvesOfAnEndedJobAreRefused() {
    Job job = toys.open("a");
    job.close();

    var failure =
        assertThrows(
            BuildException.class, () -> toys.solve(job, toys.value("v", 1).on().output(0)));
    assertEquals("the build was cancelled", failure.message());
  }

  @Test
  void idOfALiveJobIsRefused() {
    try (Job job = toys.open("a")) {
      var failure = assertThrows(BuildException.class, () -> toys.open(job.id()));
      assertEquals("a build with the id 'a' is running: choose another one", failure.message());
    }
    toys.open("a").close();
  }

  @Test
  void heavyWorkIsLimited() throws InterruptedException {
    var pairs = new CyclicBarrier(2);
    var limited = new Toys(new MemoryKeyStore(), 2);
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    var parts = new Vertex[12];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          limited
              .op(
                  "part" + i,
                  (context, in) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    try {
                      pairs.await();
                    } catch (BrokenBarrierException e) {
                      throw new IllegalStateException(e);
                    }
                    atOnce.decrementAndGet();
                    return 1;
                  })
              .on();
    }

    assertEquals(12, limited.build("a", limited.sum("sum/12").on(parts)));
    assertEquals(2, most.get());
  }

  @Test
  void lightWorkIsNotLimited() throws InterruptedException {
    var limited = new Toys(new MemoryKeyStore(), 1);
    var together = new CountDownLatch(3);
    var parts = new Vertex[3];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          limited
              .op(
                  "part" + i,
                  (context, in) -> {
                    together.countDown();
                    together.await();
                    return 1;
                  })
              .light()
              .on();
    }

    assertEquals(3, limited.build("a", limited.sum("sum/3").on(parts)));
  }
}
