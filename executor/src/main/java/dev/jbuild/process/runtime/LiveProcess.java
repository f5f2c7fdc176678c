package dev.jbuild.process.runtime;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.Terminal;
import dev.jbuild.process.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process of a step and the runtime that waits for it.
 *
 * @param process the runtime
 * @param pidFile where it writes the id of the process
 * @param state what it makes when the sandbox is there
 */
record LiveProcess(
    Kernel kernel, Process process, Path pidFile, Path state, StepStreams streams, Joins joins)
    implements RunningProcess {
  /** Majors of Unix98 terminals. */
  private static final int FIRST_TERMINAL = 136;

  private static final int LAST_TERMINAL = 143;
  private static final int TERMINAL_ROUNDS = 200;
  private static final long ROUND_MILLIS = 5;
  private static final int ROUNDS = 6_000;

  @Override
  public void signal(int signal) throws IOException, InterruptedException {
    if (begun()) {
      send(Integer.parseInt(Files.readString(pidFile).strip()), signal);
    }
  }

  /** Waits until the process is there; false when it has ended. */
  boolean begun() throws IOException, InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      boolean there = Files.exists(pidFile) && Files.size(pidFile) > 0 && Files.exists(state);
      if (process.waitFor(there ? 0 : ROUND_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
      if (there) {
        return true;
      }
    }
    throw new IOException("the runtime has not begun the process");
  }

  private void send(int id, int signal) throws IOException {
    try {
      kernel.signal(id, signal);
    } catch (ErrnoException refused) {
      if (refused.errno() != Errno.ESRCH) { // it has ended in the meantime
        throw refused;
      }
    }
  }

  /**
   * The runtime hands the size on only when it joins a process, not to the first one (crun 1.8):
   * the terminal inside is resized as well.
   */
  @Override
  public void resize(int rows, int columns) throws IOException, InterruptedException {
    Terminal terminal = streams.terminal();
    if (terminal == null || !process.isAlive()) {
      return;
    }
    terminal.resize(rows, columns);
    if (!begun()) {
      return;
    }
    Path inside = Path.of("/proc", Files.readString(pidFile).strip(), "fd/0");
    for (int round = 0; round < TERMINAL_ROUNDS; round++) {
      if (isTerminal(inside)) {
        kernel.resizeTerminal(inside, rows, columns);
        return;
      }
      if (process.waitFor(ROUND_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
  }

  private static boolean isTerminal(Path path) {
    try {
      long device = ((Number) Files.getAttribute(path, "unix:rdev")).longValue();
      long major = device >> 8 & 0xfff;
      return major >= FIRST_TERMINAL && major <= LAST_TERMINAL;
    } catch (IOException gone) {
      return false;
    }
  }

  @Override
  public int join(Joining joining) throws IOException, InterruptedException {
    if (!begun()) {
      throw new IOException("the first process of the sandbox has ended");
    }
    return joins.run(joining);
  }
}
