package dev.jbuild.daemon.build;

import dev.jbuild.solver.llb.OpFactory;

/** Makes the ops of builds: the worker's side. */
public interface BuildOps {

  /** For the ops of one build, which hold its session and ask its policy again. */
  OpFactory of(BuildScope scope);

  /** The build is over: what was opened for its ops is given back. */
  default void end(BuildScope scope) {}
}
