package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A daemon that is killed while it collects. */
@Tag("root")
class PruneCrashIT {
  private static final int ROUNDS = 4;
  private static final int STEPS = 10;
  private static Lab lab;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  /** Steps with many files each, so that removing them takes a while. */
  private static String dockerfile(String name) {
    var text = new StringBuilder("FROM base\n");
    for (int i = 0; i < STEPS; i++) {
      text.append("RUN mkdir -p /d").append(i).append(" && cd /d").append(i);
      text.append(" && for f in $(seq 300); do echo ").append(name).append(" > $f; done\n");
    }
    return text.append("RUN ls /d* | grep -c '^[0-9]' > /count\n").toString();
  }

  private static List<String> layers() throws IOException {
    try (Stream<Path> layers = Files.list(lab.root().resolve("layers"))) {
      return layers.map(layer -> layer.getFileName().toString()).sorted().toList();
    }
  }

  private static void killedWhilePruning(String name, int gone) throws Exception {
    String dockerfile = dockerfile(name);
    Process daemon = lab.startDaemon();
    lab.remote("FROM base\nRUN echo kept > /kept\n", "-t", "kept:1").succeeds();
    lab.remote(dockerfile).succeeds();
    int before = layers().size();
    Process prune = lab.start("dev.jbuild.cli.Jbuild", "--addr", lab.address(), "prune", "--all");
    try {
      boolean began =
          Deadline.seconds(60).until(() -> !prune.isAlive() || layers().size() <= before - gone);
      assertTrue(began, () -> "nothing goes");
    } finally {
      daemon.destroyForcibly();
      assertTrue(daemon.waitFor(10, TimeUnit.SECONDS));
      assertTrue(prune.waitFor(60, TimeUnit.SECONDS), "the client does not notice");
    }

    Process next = lab.startDaemon();
    try {
      assertEquals(
          List.of(), layers().stream().filter(layer -> layer.startsWith(".old-")).toList());
      Lab.Run again = lab.remote(dockerfile + "RUN cat /count\n").succeeds();
      assertTrue(again.err().contains(" " + 300 * STEPS + "\n"), again.err());
      Lab.Run kept = lab.remote("FROM kept:1\nRUN cat /kept # " + name + "\n").succeeds();
      assertTrue(kept.err().contains(" kept\n"), kept.err());
      Lab.Run usage = lab.run("", "--addr", lab.address(), "du").succeeds();
      assertFalse(usage.out().contains("Total: 0B"), usage.out());
    } finally {
      Lab.end(next);
    }
  }

  @Test
  void aKillWhilePruningLosesNothingThatStays() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      try {
        killedWhilePruning("round" + round, random.nextInt(STEPS));
      } catch (AssertionError failure) {
        throw new AssertionError(
            "seed " + seed + ", round " + round + ": " + failure.getMessage(), failure);
      }
    }
    assertEquals(
        List.of(), new MachineLeftovers(lab.directory().toString()).settled(Deadline.seconds(20)));
  }
}
