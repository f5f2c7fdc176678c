package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.io.InterruptedIOException;

/** Where failures of the worker become failures of a step. */
final class Failures {
  private Failures() {}

  /** Work on files, sockets and the kernel. */
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /**
   * Does the work.
   *
   * @param what was being done, for the text: {@code copying files}
   * @throws BuildException FAILED for any other failure than those that say themselves what they
   *     are
   */
  static <T> T wrap(String what, Work<T> work) throws InterruptedException {
    try {
      return work.run();
    } catch (InterruptedIOException e) {
      var interrupted = new InterruptedException(what);
      interrupted.initCause(e);
      throw interrupted;
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, what + ": " + e.getMessage(), e);
    }
  }
}
