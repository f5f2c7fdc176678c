package dev.jbuild.daemon.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Cases by chance, several at once, until their time is over: {@code -Djbuild.fuzz.seconds}. When
 * nobody says, from the same seed each time, 2 s long and no fewer than a few. Each has a seed,
 * which a failure tells and {@code -Djbuild.fuzz.seed} runs alone.
 */
public final class FuzzRun {
  private static final Duration CASE = Duration.ofSeconds(25);
  private static final int AT_ONCE = 16;

  /** However slow the machine is. */
  private static final int LEAST = 32;

  /** The first seed of the tests, which find the same each time. */
  private static final long SAME = 20_261_121;

  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final String name;
  private final Case one;
  private final long first;
  private final long nanos;
  private final AtomicLong cases = new AtomicLong();
  private final AtomicReference<@Nullable AssertionError> failure = new AtomicReference<>();
  private final ConcurrentHashMap<Thread, Long> running = new ConcurrentHashMap<>();

  /** What is done again and again; what it throws is a find. */
  public interface Case {
    void run(Random random) throws Exception;
  }

  private FuzzRun(String name, Case one, long first, long nanos) {
    this.name = name;
    this.one = one;
    this.first = first;
    this.nanos = nanos;
  }

  /**
   * Runs cases, and writes how many a second to {@code target/fuzz}.
   *
   * @return how many there were
   */
  public static long of(String name, Case one) throws IOException, InterruptedException {
    @Nullable Long only = Long.getLong("jbuild.fuzz.seed");
    @Nullable Long asked = Long.getLong("jbuild.fuzz.seconds");
    if (only != null) {
      new FuzzRun(name, one, only, 0).all(1);
      Assumptions.abort("only the case of that seed was run, and it holds");
    }
    long nanos = TimeUnit.SECONDS.toNanos(asked == null ? 2 : asked);
    long first = asked == null ? SAME : System.nanoTime();
    return new FuzzRun(name, one, first, nanos).all(AT_ONCE);
  }

  private long all(int atOnce) throws IOException, InterruptedException {
    var workers = new ArrayList<Thread>();
    long begin = System.nanoTime();
    try (var crashes = new Crashes()) {
      for (int i = 0; i < atOnce; i++) {
        workers.add(Thread.ofVirtual().start(() -> work(begin)));
      }
      for (Thread worker : workers) {
        boolean ended =
            worker.join(CASE.multipliedBy(2).plusNanos(begin + nanos - System.nanoTime()));
        assertTrue(ended, () -> name + " does not end: " + stuck(worker));
      }
      AssertionError found = failure.get();
      if (found != null) {
        throw found;
      }
      assertEquals(List.of(), crashes.all(), name + ", first seed " + first);
    }
    long took = System.nanoTime() - begin;
    Path log = Files.createDirectories(Path.of("target", "fuzz")).resolve(name + ".txt");
    long each = cases.get() * TimeUnit.SECONDS.toNanos(1) / took;
    Files.writeString(log, name + ": " + cases + " cases, " + each + " a second\n");
    return cases.get();
  }

  private void work(long begin) {
    do {
      long seed = first + cases.getAndIncrement() * STRIDE;
      running.put(Thread.currentThread(), seed);
      try {
        one.run(new Random(seed));
      } catch (Throwable found) {
        failure.compareAndSet(null, new AssertionError(name + again(seed), found));
      }
    } while (failure.get() == null
        && (System.nanoTime() - begin < nanos || (nanos > 0 && cases.get() < LEAST)));
  }

  private static String again(Long seed) {
    return ": again with -Djbuild.fuzz.seed=" + seed;
  }

  private String stuck(Thread worker) {
    return List.of(worker.getStackTrace()) + again(running.getOrDefault(worker, 0L));
  }
}
