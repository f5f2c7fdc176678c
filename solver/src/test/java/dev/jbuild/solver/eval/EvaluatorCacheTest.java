package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.eval.Toys.ToyOp;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is run and what is found: one job after the other. */
@Timeout(60)
final class EvaluatorCacheTest {
  private final Toys toys = new Toys();

  @Test
  void computesTheGraph() throws InterruptedException {
    Vertex sum = toys.sum("sum/2").on(toys.value("two", 2).on(), toys.value("three", 3).on());

    assertEquals(5, toys.build("a", sum));
  }

  @Test
  void secondBuildRunsNothingAndLoadsOnlyTheResult() throws InterruptedException {
    Vertex sum = toys.sum("sum/1").on(toys.sum("mid/1").on(toys.value("two", 2).on()));
    toys.build("a", sum);
    toys.loads.clear();

    assertEquals(2, toys.build("b", sum));
    assertEquals(3, toys.allRuns());
    assertEquals(1, toys.loads.size());
  }

  @Test
  void identicalVerticesRunOnce() throws InterruptedException {
    ToyOp one = toys.op("one", (context, in) -> 1).digest("same");
    ToyOp other = toys.op("other", (context, in) -> 1).digest("same");

    assertEquals(2, toys.build("a", toys.sum("sum/2").on(one.on(), other.on())));
    assertEquals(1, toys.runs("one") + toys.runs("other"));
  }

  @Test
  void missLoadsOnlyTheInputsOfWhatRuns() throws InterruptedException {
    Vertex base = toys.value("base", 2).on();
    Vertex mid = toys.sum("mid/1").on(base);
    toys.build("a", mid);
    toys.loads.clear();

    toys.build("b", toys.sum("new/1").on(mid));

    assertEquals(1, toys.loads.size());
    assertEquals(1, toys.runs("base"));
  }

  @Test
  void sameContentStopsTheRebuild() throws InterruptedException {
    ToyOp use = toys.sum("use/1").byContent();
    Vertex top = toys.sum("top/1").on(use.on(toys.value("v1", 7).on()));
    Vertex again = toys.sum("top/1").on(use.on(toys.value("v2", 7).on()));
    toys.build("a", top);

    assertEquals(7, toys.build("b", again));
    assertEquals(1, toys.runs("v2"));
    assertEquals(1, toys.runs("use/1"));
    assertEquals(1, toys.runs("top/1"));
  }

  @Test
  void contentHitMakesTheDefinitionAnAlias() throws InterruptedException {
    ToyOp use = toys.sum("use/1").byContent();
    toys.build("a", use.on(toys.value("v1", 7).on()));
    toys.build("b", use.on(toys.value("v2", 7).on()));
    int taken = toys.digests.get();

    toys.build("c", use.on(toys.value("v2", 7).on()));

    assertEquals(taken, toys.digests.get());
  }

  @Test
  void otherContentRuns() throws InterruptedException {
    ToyOp use = toys.sum("use/1").byContent();
    toys.build("a", use.on(toys.value("v1", 7).on()));

    assertEquals(8, toys.build("b", use.on(toys.value("v2", 8).on())));
    assertEquals(2, toys.runs("use/1"));
  }

  @Test
  void oneContentIsDigestedOncePerEvaluation() throws InterruptedException {
    Vertex source = toys.value("v", 7).on();

    assertEquals(14, toys.build("a", toys.sum("use/2").byContent().on(source, source)));
    assertEquals(1, toys.digests.get());
  }

  @Test
  void whatIsOnlyGoodForAJobIsFoundByContentBelow() throws InterruptedException {
    ToyOp use = toys.sum("use/1").byContent();
    Vertex top = toys.sum("top/1").on(use.on(toys.value("local", 7).onlyForJob().on()));
    toys.build("a", top);

    assertEquals(7, toys.build("b", top));
    assertEquals(2, toys.runs("local"));
    assertEquals(1, toys.runs("use/1"));
    assertEquals(1, toys.runs("top/1"));
  }

  @Test
  void whatIsOnlyGoodForAJobIsNotRecorded() throws InterruptedException {
    Vertex top = toys.sum("plain/1").on(toys.value("local", 7).onlyForJob().on());
    toys.build("a", top);
    toys.build("b", top);

    assertEquals(2, toys.runs("local"));
    assertEquals(2, toys.runs("plain/1"));
    assertEquals(0, toys.keys.sweep(record -> true));
  }

  @Test
  void whatIsOnlyGoodForAJobRunsOnceInIt() throws InterruptedException {
    Vertex local = toys.value("local", 7).onlyForJob().on();
    try (Job job = toys.open("a")) {
      toys.solve(job, local.output(0));
      toys.solve(job, local.output(0));
    }

    assertEquals(1, toys.runs("local"));
  }

  @Test
  void failedResultIsNotCached() throws InterruptedException {
    var broken = new AtomicInteger(1);
    Vertex flaky =
        toys.op(
                "flaky",
                (context, in) -> {
                  if (broken.get() > 0) {
                    throw new BuildException(Code.STEP_FAILED, "exit code 1");
                  }
                  return 5;
                })
            .on();

    assertEquals("exit code 1", toys.buildFails("a", flaky).message());
    assertEquals(0, toys.keys.sweep(record -> false));
    broken.set(0);
    assertEquals(5, toys.build("b", flaky));
  }

  @Test
  void ignoringTheCacheRunsOncePerJobAndRecords() throws InterruptedException {
    ToyOp counted = toys.op("counted", (context, in) -> toys.runs("counted"));
    toys.build("a", counted.on());
    try (Job job = toys.open("b")) {
      assertEquals(2, toys.solve(job, counted.ignoringCache().output(0)));
      assertEquals(2, toys.solve(job, counted.ignoringCache().output(0)));
    }

    assertEquals(2, toys.build("c", counted.on()));
  }

  @Test
  void whatFollowsAnIgnoredCacheIsBuiltOnTheNewResult() throws InterruptedException {
    ToyOp counted = toys.op("counted", (context, in) -> toys.runs("counted"));
    toys.build("a", toys.sum("top/1").on(counted.on()));

    assertEquals(2, toys.build("b", toys.sum("top/1").on(counted.ignoringCache())));
    assertEquals(2, toys.build("c", toys.sum("top/1").on(counted.on())));
  }

  @Test
  void everyOutputIsCached() throws InterruptedException {
    Vertex pair = toys.value("pair", 10).outputs(2).on();
    ToyOp sum = toys.sum("sum/2");
    Vertex both = sum.onEdges(List.of(pair.output(0), pair.output(1)));

    assertEquals(21, toys.build("a", both));
    try (Job job = toys.open("b")) {
      assertEquals(11, toys.solve(job, pair.output(1)));
    }
    assertEquals(1, toys.runs("pair"));
  }

  @Test
  void outputThatTheOpDoesNotMakeIsRefused() throws InterruptedException {
    Vertex single = toys.value("single", 1).on();
    Vertex user = toys.sum("user/1").onEdges(List.of(single.output(3)));

    assertEquals("'single' has no output 3", toys.buildFails("a", user).message());
  }

  @Test
  void resultThatIsGoneIsMadeAgain() throws InterruptedException {
    Vertex top = toys.sum("top/1").on(toys.sum("mid/1").on(toys.value("base", 2).on()));
    toys.build("a", top);
    toys.results.clear();

    assertEquals(2, toys.build("b", top));
    assertEquals(6, toys.allRuns());
  }

  @Test
  void onlyWhatIsGoneAndNeededIsMadeAgain() throws InterruptedException {
    Vertex base = toys.value("base", 2).on();
    Vertex mid = toys.sum("mid/1").on(base);
    Vertex top = toys.sum("top/1").on(mid);
    toys.build("a", top);
    toys.results.values().removeIf(number -> !number.id().equals("result-1"));

    assertEquals(2, toys.build("b", top));
    assertEquals(1, toys.runs("base"));
    assertEquals(2, toys.runs("mid/1"));
  }

  @Test
  void idsStayWhenAResultIsMadeAgain() throws InterruptedException {
    Vertex mid = toys.sum("mid/1").on(toys.value("base", 2).on());
    Vertex top = toys.sum("top/1").on(mid);
    toys.build("a", top);
    toys.results.remove("result-2");
    toys.build("b", mid);
    int before = toys.allRuns();

    toys.build("c", top);

    assertEquals(before, toys.allRuns());
  }

  @Test
  void failureOfAStepThatRunsAgainIsNotBlamedOnItsUser() throws InterruptedException {
    var broken = new AtomicInteger();
    Vertex base =
        toys.op(
                "base",
                (context, in) -> {
                  if (broken.get() > 0) {
                    throw new BuildException(Code.STEP_FAILED, "exit code 1");
                  }
                  return 5;
                })
            .on();
    toys.build("a", base);
    toys.results.clear();
    broken.set(1);
    var events = new Toys.Events();
    Vertex user = toys.sum("user/1").on(base);
    try (Job job = toys.solver.open("b", events)) {
      var failure = assertThrows(BuildException.class, () -> toys.solve(job, user.output(0)));
      assertEquals("exit code 1", failure.message());
    }

    assertEquals(List.of("load", "start", "cached", "start", "exit code 1"), events.states(base));
    assertEquals(List.of("load"), events.states(user));
  }

  @Test
  void otherOpIsAnotherResult() throws InterruptedException {
    assertNotEquals(
        toys.build("a", toys.value("one", 1).on()), toys.build("b", toys.value("two", 2).on()));
  }
}
