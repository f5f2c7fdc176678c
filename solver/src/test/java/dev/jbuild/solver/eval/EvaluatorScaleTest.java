package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.MemoryKeyStore;
import dev.jbuild.solver.cache.file.FileKeyStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Long chains and wide graphs. */
@Timeout(120)
final class EvaluatorScaleTest {
  private static final int LENGTH = 2_000;

  private static Vertex chain(Toys toys, int length) {
    Vertex top = toys.value("base", 1).on();
    for (int i = 1; i < length; i++) {
      top = toys.sum("step " + i + "/1").on(top);
    }
    return top;
  }

  @Test
  void longChainRunsAndIsCached(@TempDir Path directory) throws Exception {
    try (var keys = FileKeyStore.open(directory.resolve("cache.mv"))) {
      var toys = new Toys(keys, 64);
      assertEquals(1, toys.build("a", chain(toys, LENGTH)));
      assertEquals(LENGTH, toys.allRuns());
      toys.loads.clear();

      assertEquals(1, toys.build("b", chain(toys, LENGTH)));
      assertEquals(LENGTH, toys.allRuns());
      assertEquals(1, toys.loads.size());
    }
  }

  @Test
  void longChainOfLostResultsIsMadeAgain() throws InterruptedException {
    var toys = new Toys();
    Vertex top = chain(toys, LENGTH);
    toys.build("a", top);
    toys.results.clear();

    assertEquals(1, toys.build("b", top));
    assertEquals(2 * LENGTH, toys.allRuns());
  }

  @Test
  void cachedChainNeedsFewThreads() throws InterruptedException {
    var alive = new AtomicInteger();
    var most = new AtomicInteger();
    ThreadFactory counting =
        work ->
            Thread.ofVirtual()
                .unstarted(
                    () -> {
                      most.accumulateAndGet(alive.incrementAndGet(), Math::max);
                      try {
                        work.run();
                      } finally {
                        alive.decrementAndGet();
                      }
                    });
    var toys = new Toys();
    Vertex top = chain(toys, LENGTH);
    toys.build("a", top);
    var options = new EvaluatorOptions(4, Duration.ofSeconds(20));
    var solver = new Evaluator(toys.keys, toys, options, counting, Clock.systemUTC());
    try (var job = solver.open("b", event -> {})) {
      assertEquals(1, solver.solve(job, List.of(top.output(0))).size());
    }

    assertTrue(most.get() <= 4, "threads at once: " + most.get());
  }

  @Test
  void wideGraphRuns() throws InterruptedException {
    var toys = new Toys(new MemoryKeyStore(), 8);
    var parts = new Vertex[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      parts[i] = toys.value("part" + i, 1).on();
    }

    assertEquals(LENGTH, toys.build("a", toys.sum("sum/" + LENGTH).on(parts)));
  }

  @Test
  void manyPathsThroughAGraphAreWalkedOnce() throws InterruptedException {
    var toys = new Toys();
    Vertex top = toys.value("base", 1).on();
    for (int i = 0; i < 60; i++) {
      top = toys.op("pair " + i + "/2", (context, in) -> in.getFirst()).on(top, top);
    }

    assertEquals(1, toys.build("a", top));
    assertEquals(61, toys.allRuns());
  }
}
