package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cache mounts from build to build. Each test has cache ids of its own. */
@Tag("root")
class CacheMountIT {
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

  /** What steps have written in lines that begin with {@code says}. */
  private static List<String> says(Lab.Run run) {
    return run.succeeds()
        .err()
        .lines()
        .filter(line -> line.startsWith("#") && line.contains(" says "))
        .filter(line -> !line.contains("RUN"))
        .map(line -> line.substring(line.indexOf(" says ") + 6).strip())
        .sorted()
        .toList();
  }

  private static List<String> build(String name, String dockerfile, String... flags)
      throws IOException {
    return says(lab.build(lab.context(name, dockerfile), flags));
  }

  @Test
  void whatAStepLeavesTheNextBuildFinds() throws IOException {
    String dockerfile =
        """
        FROM base
        ARG N
        RUN --mount=type=cache,target=/c echo $N >> /c/log; echo says $(cat /c/log)
        """;
    assertEquals(List.of("1"), build("last", dockerfile, "--build-arg", "N=1"));
    assertEquals(List.of("1 2"), build("last", dockerfile, "--build-arg", "N=2"));
  }

  @Test
  void anotherCacheInTheSameInstructionRunsNothingAgain() throws IOException {
    String dockerfile =
        "FROM base\nRUN --mount=type=cache,id=%s,target=/c echo says ran key; touch /c/x\n";
    assertEquals(List.of("ran key"), build("key", dockerfile.formatted("key-a")));
    assertEquals(List.of(), build("key", dockerfile.formatted("key-b")));
  }

  @Test
  void whatACacheHoldsIsInNoLayer() throws IOException {
    String dockerfile =
        """
        FROM base
        RUN --mount=type=cache,id=layer,target=/c/d echo 1 > /c/d/file
        RUN echo says $(ls -A / | grep -c '^c$')
        """;
    assertEquals(List.of("0"), build("layer", dockerfile));
  }

  @Test
  void aBuildWithoutCacheEmptiesItOnceForAllItsSteps() throws IOException {
    String dockerfile =
        """
        FROM base
        RUN --mount=type=cache,id=fresh,target=/c echo one >> /c/log
        RUN --mount=type=cache,id=fresh,target=/c echo two >> /c/log; echo says $(cat /c/log)
        """;
    assertEquals(List.of("one two"), build("fresh", dockerfile));
    assertEquals(List.of("one two"), build("fresh", dockerfile, "--no-cache"));
  }

  @Test
  void stepsThatLockACacheUseItOneAfterTheOther() throws IOException {
    String step =
        "RUN --mount=type=cache,id=locked,sharing=locked,target=/c"
            + " mkdir /c/busy && sleep 1 && rmdir /c/busy && echo %s >> /c/log && touch /done\n";
    String dockerfile =
        "FROM base AS a\n"
            + step.formatted("a")
            + "FROM base AS b\n"
            + step.formatted("b")
            + "FROM base\nCOPY --from=a /done /a\nCOPY --from=b /done /b\n"
            + "RUN --mount=type=cache,id=locked,target=/c echo says $(sort /c/log)\n";
    assertEquals(List.of("a b"), build("locked", dockerfile));
  }

  @Test
  void stepsThatShareACacheUseItAtTheSameTime() throws IOException {
    assertEquals(List.of("met", "met"), build("shared", meeting("shared")));
  }

  @Test
  void stepsWithPrivateCachesDoNotMeet() throws IOException {
    assertEquals(List.of("alone", "alone"), build("private", meeting("private")));
  }

  /** Two steps that look for each other for two seconds. */
  private static String meeting(String sharing) {
    String step =
        "RUN --mount=type=cache,id=meet-%s,sharing=%s,target=/c"
            + " : %s; touch /done /c/%s; for i in $(seq 20); do"
            + " [ -e /c/%s ] && echo says met && sleep 1 && exit 0; sleep 0.1; done;"
            + " echo says alone\n";
    return "FROM base AS a\n"
        + step.formatted(sharing, sharing, sharing, "a", "b")
        + "FROM base AS b\n"
        + step.formatted(sharing, sharing, sharing, "b", "a")
        + "FROM base\nCOPY --from=a /done /a\nCOPY --from=b /done /b\n";
  }

  @Test
  void aCacheOfAStageBeginsWithItsFilesAndKeepsThem() throws IOException {
    String dockerfile =
        """
        FROM base AS made
        RUN mkdir -p /m/sub && echo first > /m/sub/log && chmod 711 /m/sub
        FROM base
        ARG N
        RUN --mount=type=cache,id=from,from=made,source=/m/sub,target=/c \\
            echo $N >> /c/log; echo says $(cat /c/log) $(stat -c %a /c)
        RUN --mount=from=made,source=/m/sub,target=/m echo says made $(cat /m/log) $N
        """;
    assertEquals(
        List.of("first 1 711", "made first 1"), build("from", dockerfile, "--build-arg", "N=1"));
    assertEquals(
        List.of("first 1 2 711", "made first 2"), build("from", dockerfile, "--build-arg", "N=2"));
  }

  @Test
  void aNewCacheHasTheOwnerAndModeThatAreGiven() throws IOException {
    String dockerfile =
        """
        FROM base
        RUN --mount=type=cache,id=owned,target=/c,mode=0750,uid=7,gid=8 \\
            echo says $(stat -c '%a %u %g' /c)
        """;
    assertEquals(List.of("750 7 8"), build("owned", dockerfile));
  }

  @Test
  void aReadOnlyCacheCannotBeWritten() throws IOException {
    String dockerfile =
        "FROM base\nRUN --mount=type=cache,id=ro,ro,target=/c touch /c/x || echo says refused\n";
    assertEquals(List.of("refused"), build("ro", dockerfile));
  }

  @Test
  void memoryEndsAtItsSize() throws IOException {
    String dockerfile =
        """
        FROM base
        RUN --mount=type=tmpfs,target=/t,size=1m \\
            dd if=/dev/zero of=/t/x bs=64k count=64 2>/dev/null || echo says $(stat -c %s /t/x)
        RUN echo says $(ls -A / | grep -c '^t$')
        """;
    assertEquals(List.of("0", "1048576"), build("tmpfs", dockerfile));
  }

  @Test
  void aCacheSourceThatIsNotThereIsNamed() throws IOException {
    Lab.Run run =
        lab.build(
            lab.context(
                "nosource",
                """
                FROM base AS made
                RUN mkdir /m
                FROM base
                RUN --mount=type=cache,from=made,source=/n,target=/c true
                """));
    assertTrue(run.err().contains("cache mount at /c: its source '/n' is not there"), run.err());
  }
}
