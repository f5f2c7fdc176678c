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

/**
 * Random graphs, delays, failures, cancellations, lost results, and ops in two networks that some
 * of them use. A failure names its seed.
 */
@Timeout(120)
final class EvaluatorRandomTest {
  private static final int ROUNDS = 100;
  private static final int JOBS = 4;
  private static final int NETWORKS = 2;

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
    private final List<List<Vertex>> byNetwork = List.of(new ArrayList<>(), new ArrayList<>());

    Round(long seed) {
      random = new Random(seed);
      toys = new Toys(new MemoryKeyStore(), 1 + random.nextInt(8));
      int size = 3 + random.nextInt(25);
      for (int i = 0; i < size; i++) {
        add(i);
      }
    }

    private void add(int index) {
      int[] inputs =
          random.ints(Math.min(index, random.nextInt(4)), 0, Math.max(1, index)).toArray();
      String name = "op" + index + "/" + inputs.length;
      if (random.nextInt(12) == 0) {
        broken.add(name);
      }
      long nanos = random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 0;
      boolean quiet = random.nextInt(4) != 0;
      boolean content = random.nextBoolean();
      boolean light = random.nextInt(5) == 0;
      for (int network = 0; network < NETWORKS; network++) {
        int used = quiet ? 0 : network;
        String place = " in network " + network;
        var op =
            toys.op(
                name,
                (context, in) -> {
                  if (quiet) {
                    context.independent();
                  }
                  return work(name, place, nanos, in, used);
                });
        op = content ? op.byContent() : op;
        op = light ? op.light() : op;
        add(op.in("network " + network), byNetwork.get(network), inputs, used);
      }
    }

    private void add(Toys.ToyOp op, List<Vertex> peers, int[] inputs, int used) {
      var before = new Vertex[inputs.length];
      int value = 1 + used;
      for (int i = 0; i < inputs.length; i++) {
        before[i] = peers.get(inputs[i]);
        value += model.getOrDefault(before[i], 0);
      }
      Vertex vertex = op.on(before);
      peers.add(vertex);
      vertices.add(vertex);
      model.put(vertex, value % 5); // so that equal contents are common
    }

    private int work(String name, String place, long nanos, List<Integer> in, int used)
        throws InterruptedException {
      String id = name + in + place;
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
        return (1 + used + in.stream().mapToInt(Integer::intValue).sum()) % 5;
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
