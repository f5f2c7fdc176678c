package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code RUN --timeout} and {@code RUN --retry} with real processes. */
@Tag("root")
class AttemptsIT {
  private static Lab lab;

  @TempDir private Path out;

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

  /** The lines of the step's log that are ours. */
  private static List<String> notes(Lab.Run run) {
    return run.err()
        .lines()
        .filter(line -> line.contains(" note: attempt"))
        .map(line -> line.substring(line.indexOf("note: ")))
        .toList();
  }

  /** Fails twice: the cache mount counts. What an attempt leaves in the image must not stay. */
  private static String third(String id) {
    return """
    FROM base
    RUN --retry=2 --retry-delay=10ms --mount=type=cache,id=%s,target=/c <<EOF
    echo x >> /c/log
    touch /left-$(wc -l < /c/log)
    test $(wc -l < /c/log) = 3 || exit 7
    EOF
    FROM scratch
    COPY --from=0 /left-* /
    """
        .formatted(id);
  }

  @Test
  void stepThatFailsTwiceSucceedsAtItsThirdAttempt() throws IOException {
    Lab.Run run = build("third", third("third")).succeeds();
    assertEquals(
        List.of(
            "note: attempt 1 of 3 ended with exit code 7, trying again in 0.01s",
            "note: attempt 2 of 3 ended with exit code 7, trying again in 0.01s"),
        notes(run));
  }

  @Test
  void whatFailedAttemptsWroteIsNotInTheImage() throws IOException {
    build("clean", third("clean"), "-o", "type=local,dest=" + out).succeeds();
    assertTrue(Files.exists(out.resolve("left-3")));
    assertFalse(Files.exists(out.resolve("left-1")));
    assertFalse(Files.exists(out.resolve("left-2")));
  }

  @Test
  void stepThatTakesTooLongIsStopped() throws IOException {
    Lab.Run run = build("late", "FROM base\nRUN --timeout=200ms sleep 3600\n");
    assertEquals(124, run.exit());
    assertTrue(
        run.err()
            .contains(
                "process \"/bin/sh -c sleep 3600\" was stopped: it did not end within 0.2s, its"
                    + " time limit"),
        run.err());
  }

  @Test
  void eachAttemptHasTheWholeTime() throws IOException {
    Lab.Run run =
        build(
            "each",
            "FROM base\nRUN --timeout=5s --retry=1 --retry-delay=1ms"
                + " --mount=type=cache,id=each,target=/c"
                + " test -e /c/x || { touch /c/x; sleep 3600; }\n");
    assertEquals(1, notes(run.succeeds()).size());
  }

  @Test
  void otherTimesAndAttemptsRunNothingAgain() throws IOException {
    build("key", "FROM base\nRUN --timeout=1h echo once > /key\n").succeeds();
    Lab.Run again = build("key", "FROM base\nRUN --retry=3 echo once > /key\n").succeeds();
    assertTrue(again.err().lines().anyMatch(line -> line.endsWith(" CACHED")), again.err());
  }
}
