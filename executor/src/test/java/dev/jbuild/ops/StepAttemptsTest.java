package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
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

  private void fail(Code code, String... messages) {
    for (String message : messages) {
      failures.add(new BuildException(code, message));
    }
  }

  @Test
  void stepThatFailsRunsAgainAndSaysSo() throws Exception {
    fail(Code.STEP_FAILED, "exit code: 7", "exit code: 8");
    assertEquals("run 3", run(3));
    assertEquals(
        """
        note: attempt 1 of 4 failed: exit code: 7: trying again in 0.001s
        note: attempt 2 of 4 failed: exit code: 8: trying again in 0.001s
        """,
        log.toString());
  }

  @Test
  void lastFailureIsTheStepsFailure() {
    fail(Code.STEP_FAILED, "first", "second", "third");
    BuildException last = failures.getLast();
    assertSame(last, assertThrows(BuildException.class, () -> run(2)));
  }

  @Test
  void withoutRetriesTheFirstFailureEndsTheStep() {
    fail(Code.STEP_FAILED, "first");
    assertThrows(BuildException.class, () -> run(0));
    assertEquals(List.of(1, ""), List.of(runs, log.toString()));
  }

  @Test
  void refusalIsNotTriedAgain() {
    fail(Code.PERMISSION_DENIED, "no");
    assertThrows(BuildException.class, () -> run(5));
    assertEquals(1, runs);
  }

  @Test
  void cancelledStepIsNotTriedAgain() {
    Thread.currentThread().interrupt();
    fail(Code.STEP_FAILED, "first", "second");
    assertThrows(InterruptedException.class, () -> run(5));
    assertEquals(1, runs);
  }
}
