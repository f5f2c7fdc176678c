package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Attempts;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StepAttemptsTest {
  private final StringBuilder log = new StringBuilder();
  private final ArrayDeque<BuildException> failures = new ArrayDeque<>();
  private int runs;

  private final class Log implements VertexProgress {
    @Override
    public void log(Stream stream, byte[] bytes, int offset, int length) {
      log.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void status(String id, long current, long total, boolean done) {}
  }

  private String run(int retries) throws IOException, InterruptedException {
    var attempts = new Attempts(Duration.ZERO, retries, Duration.ofMillis(1));
    return new StepAttempts(attempts, new StepLogs(new Log()))
        .run(
            () -> {
              runs++;
              if (!failures.isEmpty()) {
                throw failures.remove();
              }
              return "run " + runs;
            });
  }

  private void fail(Code code, int... exits) {
    for (int exit : exits) {
      failures.add(
          new BuildException(
              code, "process \"make\\nit\"", null, List.of(new Detail.ProcessExit(exit))));
    }
  }

  @Test
  void stepThatFailsRunsAgainAndSaysSo() throws Exception {
    fail(Code.STEP_FAILED, 7, 8);
    assertEquals("run 3", run(3));
    assertEquals(
        """
        note: attempt 1 of 4 ended with exit code 7, trying again in 0.001s
        note: attempt 2 of 4 ended with exit code 8, trying again in 0.001s
        """,
        log.toString());
  }

  @Test
  void lastFailureIsTheStepsFailure() {
    fail(Code.STEP_FAILED, 1, 2, 3);
    BuildException last = failures.getLast();
    assertSame(last, assertThrows(BuildException.class, () -> run(2)));
  }

  @Test
  void withoutRetriesTheFirstFailureEndsTheStep() {
    fail(Code.STEP_FAILED, 1);
    assertThrows(BuildException.class, () -> run(0));
    assertEquals(List.of(1, ""), List.of(runs, log.toString()));
  }

  @Test
  void refusalIsNotTriedAgain() {
    fail(Code.PERMISSION_DENIED, 1);
    assertThrows(BuildException.class, () -> run(5));
    assertEquals(1, runs);
  }

  @Test
  void cancelledStepIsNotTriedAgain() {
    Thread.currentThread().interrupt();
    fail(Code.STEP_FAILED, 1, 2);
    assertThrows(InterruptedException.class, () -> run(5));
    assertEquals(1, runs);
  }
}
