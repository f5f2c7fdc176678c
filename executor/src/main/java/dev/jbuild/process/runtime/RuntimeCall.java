package dev.jbuild.process.runtime;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.ProcessRequest.Dialogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;

/** Waits for a process that the runtime runs, and moves its streams. */
record RuntimeCall(Executor pumps, String stepId) {
  private static final System.Logger LOG = System.getLogger(RuntimeCall.class.getName());
  private static final long DRAIN_MILLIS = 5_000;

  /** How it ended. */
  record Done(int code, StepOutput stdout, StepOutput stderr) {
    RuntimeFailure.Ended ended(Path log, Path rootfs, ExecMeta meta, List<String> env) {
      return new RuntimeFailure.Ended(
          code, log, rootfs, meta.args(), env, stdout.count(), stderr.count(), stderr.head());
    }
  }

  /** Waits for the end; interruption kills the process first. */
  Done await(LiveProcess live, ProcessRequest.Output output)
      throws IOException, InterruptedException {
    Process process = live.process();
    if (output instanceof Attended attended) {
      attended.started(live);
    }
    if (output instanceof Dialogue dialogue) {
      dialogue.stdin(live.streams().input(process));
    }
    var stdout = StepOutput.start(pumps, live.streams().output(process), output::stdout);
    var stderr = StepOutput.start(pumps, process.getErrorStream(), output::stderr);
    int code;
    try {
      code = process.waitFor();
    } catch (InterruptedException cancelled) {
      Termination.kill(process, stepId);
      throw cancelled;
    } finally {
      drain(live, stdout, stderr);
    }
    var failure = stdout.failure() == null ? stderr.failure() : stdout.failure();
    if (failure != null) {
      throw failure;
    }
    return new Done(code, stdout, stderr);
  }

  /** Nobody of the sandbox is left; a pipe handed out of it must not hold the build. */
  private void drain(LiveProcess live, StepOutput stdout, StepOutput stderr) throws IOException {
    boolean ended = stdout.await(DRAIN_MILLIS) && stderr.await(DRAIN_MILLIS);
    if (!ended) {
      LOG.log(
          System.Logger.Level.WARNING,
          "step {0}: something outside of its sandbox holds its output, the rest is not waited for",
          stepId);
      live.streams().output(live.process()).close();
      live.process().getErrorStream().close();
    }
  }
}
