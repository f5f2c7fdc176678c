package dev.jbuild.daemon.frontends;

import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ops.SandboxedProgram;
import org.jspecify.annotations.Nullable;

/** One run of a frontend's program; whoever waits for its result is told when it ends without. */
final class RunningFrontend implements Runnable {
  private final String source;
  private final FrontendPrograms programs;
  private final SandboxedProgram.Call call;
  private final StandardStreams streams;
  private final Gateway gateway;
  private volatile @Nullable BuildException failure;

  RunningFrontend(
      String source,
      FrontendPrograms programs,
      SandboxedProgram.Call call,
      StandardStreams streams,
      Gateway gateway) {
    this.source = source;
    this.programs = programs;
    this.call = call;
    this.streams = streams;
    this.gateway = gateway;
  }

  @Override
  public void run() {
    BuildException ended;
    try {
      int code = programs.run(call, streams);
      failure = code == 0 ? null : told(Code.FAILED, "ended with exit code " + code);
      ended = code == 0 ? told(Code.FAILED, "ended without a result") : failure;
    } catch (BuildException e) {
      failure = e;
      ended = e;
    } catch (InterruptedException e) {
      ended = told(Code.CANCELLED, "was cancelled");
    } catch (RuntimeException e) {
      ended =
          new BuildException(
              Code.FAILED, "frontend image '" + source + "' can not be run: " + e.getMessage(), e);
      failure = ended;
    }
    streams.over();
    if (ended != null) {
      gateway.abandoned(ended);
    }
  }

  private BuildException told(Code code, String what) {
    String said = streams.errors();
    return new BuildException(
        code,
        "frontend image '" + source + "' " + what + (said.isEmpty() ? "" : "; it said: " + said));
  }

  /**
   * To be called when it has ended: a failure counts more than what it returned before.
   *
   * @throws BuildException when it did not end well
   */
  void check() {
    BuildException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }
}
