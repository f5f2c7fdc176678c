package dev.jbuild.ops;

import dev.jbuild.llb.LlbOp;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.Place;
import java.util.List;

/**
 * Runs processes of a job beside its graphs, with its session, grants and network: what they write
 * to their files is dropped. Safe for use by several threads.
 */
public interface ContainerPrograms {

  /**
   * A sandbox and what runs in it.
   *
   * @param place for refusals
   * @param op whose mounts' inputs are indexes of {@code inputs}
   */
  record Program(Place place, LlbOp.ExecOp op, List<Result> inputs) {
    public Program {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * Returns when the grants allow it.
   *
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED where they do not
   */
  void check(Program program);

  /**
   * Makes the mounts of a sandbox, in which nothing runs yet. The caller closes it.
   *
   * @param program of which only the mounts count
   */
  Sandbox open(Program program) throws InterruptedException;

  /** Mounts, and what runs on them. Safe for use by several threads until it is closed. */
  interface Sandbox extends AutoCloseable {

    /**
     * Runs the first process to its end, and gives its exit code. Once at most.
     *
     * @param program whose mounts are those of the sandbox
     */
    int run(Program program, Attended output) throws InterruptedException;

    /** Runs another one beside the first; mounts, network and security are those of the first. */
    int join(RunningProcess first, Program program, Attended output) throws InterruptedException;

    /**
     * The files of a mount, as processes left them so far.
     *
     * @param mount its index among those that the sandbox was asked for
     * @throws dev.jbuild.error.BuildException INVALID when there is none, or one without files
     */
    SandboxFiles files(int mount);

    /** Drops what was written. Nothing may run any more. */
    @Override
    void close();
  }
}
