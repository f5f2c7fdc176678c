package dev.jbuild.solver.eval;

import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import java.util.List;
import java.util.Optional;

/**
 * One vertex of one job that waits for a run, and can do it: it brings the job's own op and the
 * inputs' results. The methods but the first two are called from the flight's thread.
 */
interface Waiter {
  String job();

  VertexReport report();

  /** Whether {@link #execute} takes a slot of the limit of parallel work. */
  boolean heavy();

  /** What another run recorded since the caller looked. */
  Optional<List<Output>> recall();

  /**
   * What a run has made.
   *
   * @param independent whether the run proved itself independent of its surroundings
   */
  record Made(List<Result> results, boolean independent) {
    public Made {
      results = List.copyOf(results);
    }
  }

  /** Does the work. */
  List<Result> execute(OpContext context) throws InterruptedException;

  /** Keeps the results: when this returns, a killed process has them still. */
  List<Output> record(Made made);
}
