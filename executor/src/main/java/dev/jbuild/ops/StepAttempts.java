package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Attempts;
import dev.jbuild.registry.Pause;
import java.io.IOException;
import java.util.List;

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
        Pause.REAL.forMillis(attempts.delay().toMillis());
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
}
