package dev.jbuild.solver;

import dev.jbuild.solver.progress.ProgressSink;
import java.util.List;

/** Makes results from graphs, as little of them as needed. Safe for use by several threads. */
public interface Solver {

  /**
   * Begins a job; the caller closes it.
   *
   * @throws dev.jbuild.error.BuildException with code {@code INVALID} when a live job has this id
   */
  Job open(String id, ProgressSink sink);

  /**
   * The results of these edges, in order; blocks until they are there. May be called several times
   * for one job, also at the same time: each vertex is evaluated once. The first vertex that fails
   * stops the other work of this call.
   *
   * @throws dev.jbuild.error.BuildException when a vertex fails or the job is cancelled
   * @throws InterruptedException when the caller is interrupted; the work is cancelled
   */
  List<Result> solve(Job job, List<Edge> edges) throws InterruptedException;
}
