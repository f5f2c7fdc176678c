package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.MemoryKeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random graphs, delays, failures, cancellations and lost results. A failure names its seed. */
@Timeout(120)
final class EvaluatorRandomTest {
  private static final int ROUNDS = 100;
  private static final int JOBS = 4;

  static List<Long> seeds() {
    var random = new Random();
    return random.longs(ROUNDS).boxed().toList();
  }

  /** One round: a graph and what happens to it. */
  private static final class Round {
    private final Random random;
    private final Toys toys;
    private final AtomicInteger alive = new AtomicInteger();
    private final Map<String, AtomicInteger> atOnce = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> successes = new ConcurrentHashMap<>();
    private final Set<String> breaches = ConcurrentHashMap.newKeySet();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final Map<Vertex, Integer> model = new HashMap<>();
    private final List<Vertex> vertices = new ArrayList<>();

    Round(long seed) {
      random = new Random(seed);
      toys = new Toys(new MemoryKeyStore(), 1 + random.nextInt(8));
      int size = 3 + random.nextInt(25);
      for (int i = 0; i < size; i++) {
        add(i);
      }
    }

    private void add(int index) {
      var inputs = new Vertex[Math.min(index, random.nextInt(4))];
      int value = 1;
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = vertices.get(random.nextInt(vertices.size()));
        value += model.getOrDefault(inputs[i], 0);
      }
      value %= 5; // so that equal contents are common
      String name = "op" + index + "/" + inputs.length;
      if (random.nextInt(12) == 0) {
        broken.add(name);
      }
      long nanos = random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 0;
      var op = toys.op(name, (context, in) -> work(name, nanos, in));
      op = random.nextBoolean() ? op.byContent() : op;
      op = random.nextInt(5) == 0 ? op.light() : op;
      Vertex vertex = op.on(inputs);
      vertices.add(vertex);
      model.put(vertex, value);
    }

    private int work(String name, long nanos, List<Integer> in) throws InterruptedException {
      String id = name + in;
      alive.incrementAndGet();
      AtomicInteger same = atOnce.computeIfAbsent(id, none -> new AtomicInteger());
      if (same.incrementAndGet() > 1) {
        breaches.add("at the same time: " + id);
      }
      try {
        LockSupport.parkNanos(nanos);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (broken.contains(name)) {
          throw new BuildException(Code.STEP_FAILED, name + " is broken");
        }
        successes.computeIfAbsent(id, none -> new AtomicInteger()).incrementAndGet();
        return (1 + in.stream().mapToInt(Integer::intValue).sum()) % 5;
      } finally {
        same.decrementAndGet();
        alive.decrementAndGet();
      }
    }

    /** Builds random targets in several jobs at once; some are cancelled on the way. */
    void buildAll(String phase) throws Exception {
      var builds = new ArrayList<FutureTask<Void>>();
      for (int i = 0; i < JOBS; i++) {
        Vertex target = vertices.get(random.nextInt(vertices.size()));
        long cancelAfter = random.nextInt(3) == 0 ? random.nextInt(3_000_000) : -1;
        String id = phase + i;
        builds.add(Toys.async(() -> build(id, target, cancelAfter)));
      }
      for (FutureTask<Void> build : builds) {
        build.get(60, TimeUnit.SECONDS);
      }
      assertEquals(0, alive.get(), "work goes on after the jobs have ended");
      assertEquals(Set.of(), breaches);
    }

    private Void build(String id, Vertex target, long cancelAfter) throws Exception {
      try (Job job = toys.open(id)) {
        if (cancelAfter >= 0) {
          Thread.ofVirtual()
              .start(
                  () -> {
                    LockSupport.parkNanos(cancelAfter);
                    job.cancel();
                  });
        }
        assertEquals(model.get(target), toys.solve(job, target.output(0)));
      } catch (BuildException e) {
        boolean cancelled = e.code() == Code.CANCELLED && cancelAfter >= 0;
        boolean failed = e.code() == Code.STEP_FAILED && e.message().endsWith("is broken");
        assertTrue(cancelled || failed, () -> e.toString());
      }
      return null;
    }

    void loseSomeResults() {
      toys.results.keySet().removeIf(id -> random.nextInt(3) == 0);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyScheduleEndsWell(long seed) {
    try {
      play(seed);
    } catch (Throwable failure) {
      throw new AssertionError("seed " + seed, failure);
    }
  }

  private static void play(long seed) throws Exception {
    var round = new Round(seed);
    for (int i = 0; i < 3; i++) {
      round.buildAll("first" + i);
    }
    round.broken.clear();
    for (Vertex vertex : round.vertices) {
      assertEquals(round.model.get(vertex), round.toys.build("mended " + vertex, vertex));
    }
    round.successes.forEach((id, count) -> assertEquals(1, count.get(), id));
    int before = round.toys.allRuns();
    for (Vertex vertex : round.vertices) {
      assertEquals(round.model.get(vertex), round.toys.build("cached " + vertex, vertex));
    }
    assertEquals(before, round.toys.allRuns(), "all was cached");
    round.loseSomeResults();
    round.buildAll("lost");
    round.buildAll("again");
  }
}
