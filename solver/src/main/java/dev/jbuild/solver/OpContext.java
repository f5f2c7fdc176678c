package dev.jbuild.solver;

import dev.jbuild.solver.progress.VertexProgress;

/** What an op is given while it works. */
public interface OpContext {

  /** Takes logs and sub-progress of this vertex; events reach every job that waits for it. */
  VertexProgress progress();

  /**
   * Called during {@link Op#execute}: this run used nothing of its surroundings, so its results are
   * good for {@link CacheMap#independent} too. Counts only where the run succeeds; has no effect
   * during {@link Op#cacheMap}.
   */
  default void independent() {}
}
