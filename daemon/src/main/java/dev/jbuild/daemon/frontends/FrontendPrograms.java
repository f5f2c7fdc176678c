package dev.jbuild.daemon.frontends;

import dev.jbuild.ops.SandboxedProgram;
import dev.jbuild.process.ProcessRequest;

/** Runs programs in sandboxes. Safe for use by several threads. */
public interface FrontendPrograms {

  /**
   * Runs one to its end; interrupting the thread ends it.
   *
   * @return the exit code
   */
  int run(SandboxedProgram.Call call, ProcessRequest.Dialogue output) throws InterruptedException;
}
