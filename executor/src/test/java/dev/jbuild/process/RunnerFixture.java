package dev.jbuild.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.process.runtime.BusyboxRoot;
import dev.jbuild.process.runtime.Leftovers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of runners share: a root file system, and short ways to run a step on it. */
public abstract class RunnerFixture {
  protected static final long PATIENCE_MILLIS = 60_000;

  @TempDir private Path directory;
  private BusyboxRoot root;

  /** The runner under test, opened anew for each test. */
  protected abstract ProcessRunner runner();

  protected Path directory() {
    return directory;
  }

  protected BusyboxRoot root() {
    return root;
  }

  @BeforeEach
  void makeRoot() throws Exception {
    root = BusyboxRoot.create(directory.resolve("image"));
  }

  /** Runs on a fresh overlay and gives the exit code. */
  protected int run(StepRequests request) throws Exception {
    return runner().run(request.on(root.overlay()));
  }

  /** Standard output of a step that must succeed. */
  protected String out(StepRequests request) throws Exception {
    int code = run(request);
    assertEquals("", request.output().err());
    assertEquals(0, code);
    return request.output().out();
  }

  /** Starts a step in a thread of its own. */
  protected Running start(StepRequests request) throws Exception {
    var sent = request.on(root.overlay());
    var task = new FutureTask<Integer>(() -> runner().run(sent));
    var thread = Thread.ofVirtual().start(task);
    return new Running(task, thread);
  }

  /** A step and the thread that waits for it. */
  protected record Running(FutureTask<Integer> result, Thread thread) {
    /** Cancels and gives what the runner threw. */
    Throwable cancel() {
      thread.interrupt();
      var failed = assertThrows(ExecutionException.class, result::get);
      return Objects.requireNonNull(failed.getCause());
    }
  }

  /** Processes on this machine whose command line has {@code word} as one argument. */
  protected static List<ProcessHandle> processesWith(String word) {
    var found = new ArrayList<ProcessHandle>();
    ProcessHandle.allProcesses()
        .forEach(
            handle -> {
              var arguments = handle.info().arguments();
              if (arguments.isPresent() && List.of(arguments.get()).contains(word)) {
                found.add(handle);
              }
            });
    return found;
  }

  /** No control files, mounts, groups or processes of a step. */
  protected void assertNothingIsLeft() throws Exception {
    assertEquals(List.of(), Leftovers.of(directory.resolve("state/run")));
  }
}
