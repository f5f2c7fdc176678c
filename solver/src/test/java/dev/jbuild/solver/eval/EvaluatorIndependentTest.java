package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.CacheRecord;
import dev.jbuild.solver.eval.Toys.ToyOp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs that prove that they did not use their surroundings are good for other ones. */
@Timeout(60)
final class EvaluatorIndependentTest {
  private final Toys toys = new Toys();
  private final AtomicBoolean quiet = new AtomicBoolean(true);

  /** Gives how often it has run; says that it is independent while it is quiet. */
  private ToyOp step(String name) {
    return toys.op(
        name,
        (context, in) -> {
          if (quiet.get()) {
            context.independent();
          }
          return toys.runs(name) + in.stream().mapToInt(Integer::intValue).sum();
        });
  }

  private List<String> traces(String job, Vertex vertex) throws InterruptedException {
    var events = new Toys.Events();
    try (Job opened = toys.solver.open(job, events)) {
      toys.solve(opened, vertex.output(0));
    }
    return events.traces(vertex);
  }

  /** All that is recorded, without what differs from run to run. */
  private List<CacheRecord> records() {
    var all = new ArrayList<CacheRecord>();
    toys.keys.sweep(
        r -> {
          all.add(
              new CacheRecord(r.id(), r.op(), r.output(), r.inputs(), "", Instant.EPOCH, r.name()));
          return false;
        });
    return all;
  }

  @Test
  void quietRunIsGoodForEveryNetwork() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());

    assertEquals(1, toys.build("b", step.in("none").on()));
    assertEquals(1, toys.build("c", step.in("host").on()));
    assertEquals(1, toys.runs("step"));
  }

  @Test
  void runThatUsedItsNetworkIsGoodForNoOther() throws InterruptedException {
    quiet.set(false);
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());

    assertEquals(2, toys.build("b", step.in("none").on()));
    assertEquals(1, toys.build("c", step.in("default").on()));
  }

  @Test
  void hitSaysThatAnotherNetworkMadeItAndIsAnAliasFromThenOn() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());

    assertEquals(
        List.of("hit: the same definition, made in another network; it used none"),
        traces("b", step.in("none").on()));
    assertEquals(List.of("hit: the same definition"), traces("c", step.in("none").on()));
    assertEquals(List.of("hit: the same definition"), traces("d", step.in("default").on()));
  }

  @Test
  void contentHitSaysThatAnotherNetworkMadeIt() throws InterruptedException {
    ToyOp use = step("use/1").byContent();
    toys.build("a", use.in("default").on(toys.value("v1", 7).on()));
    Vertex other = use.in("none").on(toys.value("v2", 7).on());
    Vertex third = use.in("host").on(toys.value("v2", 7).on());

    assertEquals(
        List.of("hit: the same content of input 0 ('v2'), made in another network; it used none"),
        traces("b", other));
    int taken = toys.digests.get();
    assertEquals(List.of("hit: the same definition"), traces("c", other));
    assertEquals(
        List.of("hit: the same definition, made in another network; it used none"),
        traces("d", third));
    assertEquals(taken, toys.digests.get());
  }

  @Test
  void whatFollowsAQuietStepIsSharedByAllNetworks() throws InterruptedException {
    ToyOp step = step("step");
    ToyOp top = step("top/1");
    toys.build("a", top.in("none").on(step.in("none").on()));

    assertEquals(2, toys.build("b", top.in("host").on(step.in("host").on())));
    assertEquals(2, toys.allRuns());
  }

  @Test
  void recordIsTheSameWhicheverNetworkMadeIt() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("none").on());
    List<CacheRecord> inNone = records();
    toys.keys.sweep(record -> true);
    toys.build("b", step.in("host").on());

    assertEquals(1, inNone.size());
    assertEquals(inNone, records());
  }

  @Test
  void failedAttemptOfAnotherJobDoesNotCount() throws Exception {
    var first = new CountDownLatch(1);
    var joined = new CountDownLatch(1);
    var attempts = new AtomicInteger();
    ToyOp step =
        toys.op(
            "step",
            (context, in) -> {
              if (attempts.incrementAndGet() == 1) {
                context.independent();
                first.countDown();
                joined.await();
                throw new BuildException(Code.UNAUTHENTICATED, "no token");
              }
              return attempts.get();
            });
    var events = new Toys.Events();
    Vertex vertex = step.in("default").on();
    try (Job a = toys.open("a");
        Job b = toys.solver.open("b", events)) {
      FutureTask<Integer> failing = Toys.async(() -> toys.solve(a, vertex.output(0)));
      first.await();
      FutureTask<Integer> other = Toys.async(() -> toys.solve(b, vertex.output(0)));
      events.awaitTrace(vertex, "shared: the same step is running already");
      joined.countDown();
      assertEquals(2, other.get(30, TimeUnit.SECONDS));
      assertThrows(ExecutionException.class, () -> failing.get(30, TimeUnit.SECONDS));
    }

    assertEquals(3, toys.build("c", step.in("none").on()));
  }

  @Test
  void runsInTwoNetworksAtOnceEndWithTheFirstResult() throws Exception {
    var both = new CyclicBarrier(2);
    var second = new CountDownLatch(1);
    ToyOp early =
        toys.op("step", (context, in) -> quietly(context, both, new CountDownLatch(0), 1));
    ToyOp late = toys.op("step", (context, in) -> quietly(context, both, second, 2));
    try (Job a = toys.open("a");
        Job b = toys.open("b")) {
      FutureTask<Integer> one = Toys.async(() -> toys.solve(a, early.in("x").on().output(0)));
      FutureTask<Integer> other = Toys.async(() -> toys.solve(b, late.in("y").on().output(0)));
      assertEquals(1, one.get(30, TimeUnit.SECONDS));
      second.countDown();

      assertEquals(1, other.get(30, TimeUnit.SECONDS));
    }
    assertEquals(2, toys.runs("step"));
    assertEquals(1, records().size());
    assertEquals(1, toys.build("c", step("step").in("y").on()));
  }

  private static int quietly(OpContext context, CyclicBarrier both, CountDownLatch until, int value)
      throws InterruptedException {
    context.independent();
    try {
      both.await();
    } catch (BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
    until.await();
    return value;
  }

  @Test
  void ignoredCacheIsReplacedForAllNetworksByAQuietRun() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());
    assertEquals(2, toys.build("b", step.in("default").ignoringCache()));

    assertEquals(2, toys.build("c", step.in("default").on()));
    assertEquals(2, toys.build("d", step.in("none").on()));
  }

  @Test
  void ignoredCacheStaysForOtherNetworksWhenTheRunUsedIts() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());
    quiet.set(false);
    assertEquals(2, toys.build("b", step.in("default").ignoringCache()));

    assertEquals(2, toys.build("c", step.in("default").on()));
    assertEquals(1, toys.build("d", step.in("none").on()));
  }

  @Test
  void whatIsOnlyGoodForAJobIsNotRecordedWhenQuiet() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").onlyForJob().on());

    assertEquals(2, toys.build("b", step.in("none").onlyForJob().on()));
    assertEquals(0, toys.keys.sweep(record -> true));
  }

  @Test
  void lostResultOfAQuietRunIsMadeAgainForAllNetworks() throws InterruptedException {
    ToyOp step = step("step");
    Vertex top = toys.sum("top/1").on(step.in("default").on());
    toys.build("a", top);
    toys.results.clear();

    assertEquals(2, toys.build("b", toys.sum("new/1").on(step.in("none").on())));
    assertEquals(2, toys.build("c", step.in("default").on()));
    assertEquals(2, toys.runs("step"));
  }

  @Test
  void lostResultThatIsMadeAgainWithTheNetworkIsNotForOthers() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());
    toys.results.clear();
    quiet.set(false);

    assertEquals(2, toys.build("b", step.in("default").on()));
    assertEquals(3, toys.build("c", step.in("none").on()));
    assertEquals(2, toys.build("d", step.in("default").on()));
  }

  @Test
  void whatIsBuiltOnAResultMadeAgainWithTheNetworkIsNotForOthers() throws InterruptedException {
    ToyOp step = step("step");
    toys.build("a", step.in("default").on());
    toys.results.clear();
    quiet.set(false);
    ToyOp top = toys.sum("top/1");
    assertEquals(2, toys.build("b", top.on(step.in("default").on())));
    quiet.set(true);

    assertEquals(3, toys.build("c", top.on(step.in("none").on())));
    assertEquals(2, toys.build("d", top.on(step.in("default").on())));
    assertEquals(2, toys.runs("top/1"));
  }

  @Test
  void chainThatIsMadeAgainWithTheNetworkIsNotForOthers() throws InterruptedException {
    ToyOp step = step("step");
    ToyOp mid = toys.sum("mid/1");
    ToyOp top = toys.sum("top/1");
    toys.build("a", mid.on(step.in("default").on()));
    toys.results.clear();
    quiet.set(false);
    assertEquals(2, toys.build("b", top.on(mid.on(step.in("default").on()))));
    quiet.set(true);

    assertEquals(3, toys.build("c", top.on(mid.on(step.in("none").on()))));
    assertEquals(2, toys.build("d", top.on(mid.on(step.in("default").on()))));
  }

  @Test
  void resultMadeWithTheNetworkStaysOnItsOwnWhenAQuietRunMakesItAgain()
      throws InterruptedException {
    ToyOp step = step("step");
    ToyOp top = toys.sum("top/1");
    quiet.set(false);
    toys.build("a", top.on(step.in("default").on()));
    toys.results.keySet().remove("result-1");
    quiet.set(true);
    toys.build("b", toys.sum("new/1").on(step.in("default").on()));

    assertEquals(3, toys.build("c", top.on(step.in("none").on())), "not top on the first result");
  }

  @Test
  void missIsComparedWithWhatAnotherNetworkMade() throws InterruptedException {
    ToyOp use = step("use/1");
    toys.build("a", use.in("default").on(toys.value("v1", 7).on()));

    String trace = traces("b", use.in("none").on(toys.value("v2", 8).on())).getFirst();

    assertTrue(trace.startsWith("miss: input 0 ('v2') differs (compared with 'use/1' of "), trace);
  }
}
