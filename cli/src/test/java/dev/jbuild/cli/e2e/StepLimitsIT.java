package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Flags that limit steps, and that choose which run again. */
@Tag("root")
class StepLimitsIT {
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

  private static Lab.Run build(String name, String dockerfile, String... flags) throws IOException {
    return lab.build(lab.context(name, dockerfile), flags);
  }

  @Test
  void stepThatWantsMoreMemoryThanItMayIsKilled() throws IOException {
    String dockerfile =
        "FROM base\nRUN dd if=/dev/zero of=/dev/null bs=%dM count=1\n"; // all in memory at once
    Lab.Run killed =
        build(
            "much",
            dockerfile.formatted(200),
            "--resource",
            "memory=64m,memory-swap=64m,cpu-quota=50000");
    assertEquals(137, killed.exit(), killed.err());
    build("little", dockerfile.formatted(20), "--resource", "memory=64m").succeeds();
  }

  @Test
  void otherLimitsRunNothingAgain() throws IOException {
    String dockerfile = "FROM base\nRUN echo limits > /limits\n";
    build("same", dockerfile, "--resource", "memory=64m").succeeds();
    assertTrue(
        build("same", dockerfile, "--resource", "cpu-shares=512")
            .succeeds()
            .err()
            .lines()
            .anyMatch(line -> line.endsWith(" CACHED")));
  }

  @Test
  void onlyTheNamedStageRunsAgain() throws IOException {
    String dockerfile =
        """
        FROM base AS one
        RUN echo ran one > /one
        FROM base AS two
        RUN echo ran two > /two
        FROM scratch
        COPY --from=one /one /
        COPY --from=two /two /
        """;
    build("filter", dockerfile).succeeds();
    Lab.Run again = build("filter", dockerfile, "--no-cache-filter", "two").succeeds();
    List<String> cached = again.err().lines().filter(line -> line.matches("#\\d+ CACHED")).toList();
    assertEquals(1, vertices(again, "one 2/2", cached));
    assertEquals(0, vertices(again, "two 2/2", cached));
  }

  /** How many vertices of this name are among the cached. */
  private static long vertices(Lab.Run run, String name, List<String> cached) {
    return run.err()
        .lines()
        .filter(line -> line.contains("[" + name + "]"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .distinct()
        .filter(number -> cached.contains(number + " CACHED"))
        .count();
  }
}
