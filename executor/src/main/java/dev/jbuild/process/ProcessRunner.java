package dev.jbuild.process;

import java.io.IOException;

/**
 * Runs one process in a sandbox and waits for it.
 *
 * <p>Interrupting the calling thread kills the process with its whole tree, and the call throws
 * {@link InterruptedException} only after all of it is gone and all that was opened is closed. Safe
 * for use by several threads.
 */
public interface ProcessRunner {

  /**
   * Runs the process to its end.
   *
   * @return the exit code, 0 to 255; a process ended by signal n gives 128+n
   */
  int run(ProcessRequest request) throws IOException, InterruptedException;
}
