package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class CrashIT {
  private static final int ROUNDS = 5;
  private static final int STEPS = 12;
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

  private static String dockerfile(String name) {
    var text = new StringBuilder("FROM base\n");
    for (int i = 0; i < STEPS; i++) {
      text.append("RUN echo ran-step ").append(i).append(' ').append(name).append(" > /f\n");
    }
    return text.toString();
  }

  private static long count(String text, String line) {
    return text.lines().filter(line::equals).count();
  }

  private static List<String> numbers(String text, String word) {
    return text.lines().filter(line -> line.matches("#\\d+ " + word + ".*")).toList();
  }

  /** Of one state directory only: others of this class run no builds at that time. */
  private static void assertNothingIsLeft() throws Exception {
    var machine = new MachineLeftovers(lab.directory().toString());
    // The bridge and its rules may stay until the next start, which takes them over.
    Deadline.seconds(20).until(() -> kernelOnly(machine.now()).isEmpty());
    assertEquals(List.of(), kernelOnly(machine.now()));
  }

  private static List<String> kernelOnly(List<String> left) {
    return left.stream()
        .filter(line -> !line.startsWith("interface ") && !line.startsWith("nft "))
        .toList();
  }

  /** Kills the daemon when so many steps are done and another so long on its way. */
  private static void round(String name, int steps, long extraNanos) throws Exception {
    String dockerfile = dockerfile(name);
    Path context = lab.context(name, dockerfile);
    Process daemon = lab.startDaemon();
    Process client = lab.startRemote(context);
    String before;
    try {
      boolean ran =
          Deadline.seconds(90)
              .until(() -> !client.isAlive() || numbers(lab.output(), "DONE").size() >= steps + 2);
      assertTrue(ran, () -> "no progress");
      long start = System.nanoTime();
      new Deadline(extraNanos).until(() -> System.nanoTime() - start > extraNanos);
      before = lab.output();
      daemon.destroyForcibly();
      assertTrue(daemon.waitFor(10, TimeUnit.SECONDS));
      assertTrue(client.waitFor(60, TimeUnit.SECONDS), "the client does not notice");
    } finally {
      daemon.destroyForcibly();
      client.destroyForcibly();
    }
    assertNothingIsLeft();
    int done = (int) runSteps(before).stream().filter(n -> count(before, n + " DONE") > 0).count();
    Process next = lab.startDaemon();
    try {
      Lab.Run run = lab.remote(dockerfile).succeeds();
      int cached = 0;
      for (int i = 0; i < STEPS; i++) {
        if (run.cached("RUN echo ran-step " + i + " " + name + " > /f")) {
          cached++;
        }
      }
      assertTrue(cached >= done, done + " were done, " + cached + " are cached:\n" + run.err());
    } finally {
      Lab.end(next);
    }
    assertEquals(
        List.of(), new MachineLeftovers(lab.directory().toString()).settled(Deadline.seconds(20)));
  }

  private static List<String> runSteps(String output) {
    return output
        .lines()
        .filter(line -> line.matches("#\\d+ \\[\\d+/\\d+] RUN .*"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }

  @Test
  void whatWasDoneBeforeACrashIsCachedAfterIt() throws Exception {
    round("crash", 5, 0);
  }

  @Test
  void crashesAtAnyMomentLeaveNothingAndLoseNothing() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      try {
        round("round" + i, random.nextInt(STEPS - 2), random.nextLong(150_000_000));
      } catch (AssertionError failure) {
        throw new AssertionError(
            "seed " + seed + ", round " + i + ": " + failure.getMessage(), failure);
      }
    }
  }
}
