package dev.jbuild.solver.cache.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.solver.cache.CacheRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that records, at random moments, and looks at what it left. */
@Timeout(300)
final class KillTest {
  private static final int ROUNDS = 20;

  @Test
  void killedProcessHasLostNothingItReportedAndLiesAboutNothing(@TempDir Path directory)
      throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Path file = directory.resolve("cache.mv");
    var reported = new ArrayList<Integer>();
    for (int round = 0; round < ROUNDS; round++) {
      reported.addAll(killed(file, 1 + round * KillVictim.MOST, random));
      check(file, reported, "seed " + seed + ", round " + round);
    }
    assertTrue(reported.size() > ROUNDS, "seed " + seed + ": " + reported.size() + " reported");
  }

  /** Runs a child that records numbers from {@code first} on; returns those it reported. */
  private static List<Integer> killed(Path file, int first, Random random)
      throws IOException, InterruptedException {
    int lines = random.nextInt(400);
    int millis = random.nextInt(60);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KillVictim.class.getName(),
                file.toString(),
                Integer.toString(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var reported = new ArrayList<Integer>();
    try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
      String line = out.readLine();
      for (int i = 0; i < lines && line != null; i++, line = out.readLine()) {
        reported.add(Integer.valueOf(line));
      }
      assertFalse(child.waitFor(millis, TimeUnit.MILLISECONDS), "the child ended by itself");
      child.toHandle().destroyForcibly(); // the stream stays open, to be read to its end
      for (; line != null; line = out.readLine()) {
        reported.add(Integer.valueOf(line));
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    return reported;
  }

  private static void check(Path file, List<Integer> reported, String where) throws IOException {
    assertFalse(Files.exists(file.resolveSibling("cache.mv.damaged")), where + ": damaged");
    try (var store = FileKeyStore.open(file)) {
      for (int number : reported) {
        CacheRecord expected = KillVictim.record(number);
        assertEquals(Optional.of(expected), store.lookup(expected.id()), where);
        assertEquals(Optional.of(expected), store.lookup(KillVictim.alias(number)), where);
      }
      store.sweep(
          record -> {
            int number = Integer.parseInt(record.name());
            assertEquals(KillVictim.record(number), record, where);
            return false;
          });
    }
  }
}
