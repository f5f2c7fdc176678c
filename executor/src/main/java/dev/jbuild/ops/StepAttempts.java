package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Attempts;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a step again when its process fails, as often as its instruction says. For one thread. */
record StepAttempts(Attempts attempts, StepLogs logs) {

  /** One attempt, which begins with what the step began with. */
  interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Gives what the first attempt gives that does not fail; all other failures end it. */
  <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
    int all = 1 + attempts.retries();
    for (int number = 1; ; number++) {
      try {
        return attempt.run();
      } catch (BuildException failure) {
        if (failure.code() != Code.STEP_FAILED || number == all) {
          throw failure;
        }
        logs.lines(
            List.of(
                "note: attempt %d of %d ended with exit code %s, trying again in %s"
                    .formatted(number, all, exitCode(failure), TimeLimit.shown(attempts.delay()))));
        pause(attempts.delay());
      }
    }
  }

  private static String exitCode(BuildException failure) {
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.ProcessExit exit) {
        return String.valueOf(exit.code());
      }
    }
    throw new IllegalStateException("a step failed without an exit code", failure);
  }

  private static void pause(Duration delay) throws InterruptedException {
    boolean never = new CountDownLatch(1).await(delay.toNanos(), TimeUnit.NANOSECONDS);
    if (never) {
      throw new IllegalStateException("nobody counts this latch down");
    }
  }
}
