package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Ends a step at once. The kernel kills everything in a process namespace when its first process
 * dies, whatever sessions and parents the rest have given themselves; that first process is the
 * runtime's only child.
 */
final class Termination {
  private static final System.Logger LOG = System.getLogger(Termination.class.getName());
  private static final long ROUND_MILLIS = 20;
  private static final long PATIENCE_MILLIS = 3_000;
  private static final long LIMIT_MILLIS = 15_000;

  private Termination() {}

  /**
   * Kills the step and waits, through interruptions, until its runtime is gone too.
   *
   * @return whether that happened within the limit
   */
  static boolean kill(Process runtime, String stepId) {
    long start = System.nanoTime();
    boolean interrupted = false;
    boolean gone = false;
    while (!gone && elapsedMillis(start) < LIMIT_MILLIS) {
      // The runtime itself is left alive first: while it lives, what it forks is found.
      children(runtime).forEach(ProcessHandle::destroyForcibly);
      if (elapsedMillis(start) > PATIENCE_MILLIS) {
        runtime.destroyForcibly();
      }
      try {
        gone = runtime.waitFor(ROUND_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (!gone) {
      LOG.log(
          System.Logger.Level.ERROR,
          "step {0}: process {1} does not end after SIGKILL, the kernel holds it",
          stepId,
          runtime.pid());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return gone;
  }

  /**
   * The kernel's own list, where it keeps one: the JDK reads all processes of the machine for it,
   * which twelve steps that end at once would have to wait for.
   */
  private static Stream<ProcessHandle> children(Process runtime) {
    var ids = new ArrayList<String>();
    boolean listed = false;
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + runtime.pid() + "/task"))) {
      for (Path task : tasks) {
        Path list = task.resolve("children");
        if (Files.exists(list)) {
          listed = true;
          ids.addAll(List.of(Files.readString(list).strip().split(" ", -1)));
        }
      }
    } catch (IOException | DirectoryIteratorException ending) {
      listed = false; // a thread has gone meanwhile
    }
    return listed
        ? ids.stream()
            .filter(id -> !id.isEmpty())
            .flatMap(id -> ProcessHandle.of(Long.parseLong(id)).stream())
        : runtime.children();
  }

  private static long elapsedMillis(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }
}
