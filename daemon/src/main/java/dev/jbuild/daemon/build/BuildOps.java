package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.solver.llb.OpFactory;

/** Makes the ops of builds: the worker's side. */
public interface BuildOps {

  /** For the ops of one build, which hold its session and ask its policy again. */
  OpFactory of(BuildScope scope);

  /** Runs processes beside the graphs of a build. */
  ContainerPrograms containers(BuildScope scope);

  /**
   * What the steps of a build did in their networks so far: one JSON object. Asked before {@link
   * #end}; of a build whose ops were never made it tells of no step.
   */
  Bytes networkReport(String ref);

  /** The build is over: what was opened for its ops is given back. */
  default void end(BuildScope scope) {}
}
