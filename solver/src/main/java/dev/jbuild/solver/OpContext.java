package dev.jbuild.solver;

import dev.jbuild.solver.progress.VertexProgress;

/** What an op is given while it works. */
public interface OpContext {

  /** Takes logs and sub-progress of this vertex; events reach every job that waits for it. */
  VertexProgress progress();
}
