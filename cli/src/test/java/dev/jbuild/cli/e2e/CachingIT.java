package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class CachingIT {
  private static final Pattern RANDOM = Pattern.compile("ran [0-9a-f-]{36}");
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

  /** Steps whose names start with [stage: which of them ran, in the order of their output. */
  private static List<String> ran(Lab.Run run) {
    run.succeeds();
    var ran = new ArrayList<String>();
    for (String line : run.err().lines().toList()) {
      int at = line.indexOf(" ran-");
      if (line.startsWith("#") && at > 0 && !line.contains("RUN")) {
        ran.add(line.substring(at + 5).strip());
      }
    }
    return ran;
  }

  private static Path source(Path context, String name, String text) throws IOException {
    return Files.writeString(context.resolve(name), text);
  }

  @Test
  void aSecondBuildRunsNoStep() throws IOException {
    Path context =
        lab.context(
            "second", "FROM base\nCOPY a /a\nRUN echo ran-one second\nRUN echo ran-two second\n");
    source(context, "a", "second");
    assertEquals(List.of("one second", "two second"), ran(lab.build(context)));
    Path steps = lab.root().resolve("run");
    var before = Files.getLastModifiedTime(steps);
    Lab.Run again = lab.build(context);
    assertEquals(List.of(), ran(again));
    assertTrue(again.cached("[2/4] COPY a /a"));
    assertTrue(again.cached("[3/4] RUN echo ran-one second"));
    assertTrue(again.cached("[4/4] RUN echo ran-two second"));
    assertEquals(before, Files.getLastModifiedTime(steps), "a step's directory was made");
  }

  @Test
  void aChangedFileRunsOnlyWhatDependsOnIt() throws IOException {
    Path context =
        lab.context(
            "changed",
            """
            FROM base AS left
            COPY l /l
            RUN echo ran-left changed
            FROM base AS right
            COPY r /r
            RUN echo ran-right changed
            FROM base
            RUN echo ran-independent changed
            COPY --from=left /l /l
            COPY --from=right /r /r
            RUN echo ran-last changed
            """);
    source(context, "l", "1");
    source(context, "r", "1");
    assertEquals(4, ran(lab.build(context)).size());
    source(context, "r", "2");
    var ran = new ArrayList<String>(ran(lab.build(context)));
    assertEquals(List.of("right changed", "last changed"), ran);
  }

  @Test
  void aTouchedFileRunsNothing() throws IOException {
    Path context = lab.context("touched", "FROM base\nCOPY a /a\nRUN echo ran-touched\n");
    Path file = source(context, "a", "same");
    assertEquals(List.of("touched"), ran(lab.build(context)));
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
    Lab.Run again = lab.build(context);
    assertEquals(List.of(), ran(again));
    assertTrue(again.cached("[2/3] COPY a /a"), again.err());
  }

  @Test
  void anIgnoredFileChangesNothing() throws IOException {
    Path context = lab.context("ignored", "FROM base\nCOPY . /a/\nRUN echo ran-ignored\n");
    source(context, ".dockerignore", "*.log\n");
    source(context, "a", "1");
    source(context, "x.log", "1");
    assertEquals(List.of("ignored"), ran(lab.build(context)));
    source(context, "x.log", "2");
    source(context, "y.log", "2");
    assertEquals(List.of(), ran(lab.build(context)));
    source(context, "b", "2");
    assertEquals(List.of("ignored"), ran(lab.build(context)));
  }

  @Test
  void aBuildArgumentCountsOnlyWhereItIsDeclared() throws IOException {
    Path context =
        lab.context(
            "args", "FROM base\nRUN echo ran-before args\nARG WHO\nRUN echo ran-$WHO args\n");
    assertEquals(
        List.of("before args", "ann args"), ran(lab.build(context, "--build-arg", "WHO=ann")));
    assertEquals(List.of("bob args"), ran(lab.build(context, "--build-arg", "WHO=bob")));
    assertEquals(
        List.of(),
        ran(lab.build(context, "--build-arg", "WHO=bob", "--build-arg", "HTTP_PROXY=x")));
  }

  @Test
  void noCacheRunsAllAgain() throws IOException {
    Path context =
        lab.context("nocache", "FROM base\nRUN echo ran-one nocache\nRUN echo ran-two nocache\n");
    lab.build(context).succeeds();
    assertEquals(List.of("one nocache", "two nocache"), ran(lab.build(context, "--no-cache")));
    assertEquals(List.of(), ran(lab.build(context)));
  }

  @Test
  void theSameContentFromAnotherRunKeepsWhatCopiesItCached() throws IOException {
    Path context =
        lab.context(
            "cutoff",
            """
            FROM base AS made
            COPY comment /comment
            RUN echo ran-made cutoff && echo always the same > /result
            FROM base
            COPY --from=made /result /result
            RUN echo ran-user cutoff
            """);
    source(context, "comment", "1");
    assertEquals(List.of("made cutoff", "user cutoff"), ran(lab.build(context)));
    source(context, "comment", "2");
    Lab.Run again = lab.build(context);
    assertEquals(List.of("made cutoff"), ran(again));
    assertTrue(again.cached("COPY --from=made /result /result"), again.err());
  }

  @Test
  void buildsOfOneGraphAtOnceRunItsStepsOnce() throws Exception {
    String dockerfile =
        "FROM base\nRUN sleep 1; echo ran $(cat /proc/sys/kernel/random/uuid) once\n";
    Process daemon = lab.startDaemon();
    try (var clients = Executors.newFixedThreadPool(4)) {
      Callable<Lab.Run> build = () -> lab.remote(dockerfile);
      var ids = new HashSet<String>();
      for (var run : clients.invokeAll(List.of(build, build, build, build))) {
        Matcher found = RANDOM.matcher(run.get().succeeds().err());
        while (found.find()) {
          ids.add(found.group());
        }
      }
      assertEquals(1, ids.size(), ids.toString());
    } finally {
      Lab.end(daemon);
    }
    assertFalse(daemon.isAlive());
  }
}
