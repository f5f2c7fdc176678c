package dev.jbuild.process;

import dev.jbuild.llb.ExecMeta;
import java.io.IOException;
import java.util.List;

/** A process that runs in a sandbox. Safe for use by several threads. */
public interface RunningProcess {

  /**
   * Sends a signal; one to a process that has ended is dropped.
   *
   * @param signal number of Linux, 1 to 64
   */
  void signal(int signal) throws IOException, InterruptedException;

  /** Sets the size of its terminal; without one nothing is done. */
  void resize(int rows, int columns) throws IOException, InterruptedException;

  /**
   * Runs another process in the same sandbox, to its end or to that of the sandbox's first one.
   * Interrupting the thread kills it.
   *
   * @return the exit code, as {@link ProcessRunner#run} gives it
   * @throws IOException when the sandbox has ended, too
   */
  int join(Joining process) throws IOException, InterruptedException;

  /**
   * Another process.
   *
   * @param meta its hosts, host name and parent group are those of the sandbox
   * @param hiddenEnv {@code K=V}, wins over all other variables of that name
   */
  record Joining(ExecMeta meta, List<String> hiddenEnv, ProcessRequest.Attended output) {
    public Joining {
      hiddenEnv = List.copyOf(hiddenEnv);
    }

    @Override
    public String toString() {
      return "Joining[args=" + meta.args() + ", hiddenEnv=" + hiddenEnv.size() + "]";
    }
  }
}
