package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.OpFactory;
import org.jspecify.annotations.Nullable;

/** Makes the ops of builds: the worker's side. */
public interface BuildOps {

  /** For the ops of one build, which hold its session and ask its policy again. */
  OpFactory of(BuildScope scope);

  /** Runs processes beside the graphs of a build. */
  ContainerPrograms containers(BuildScope scope);

  /**
   * What a mount of a failed step of a build holds; null where it is what its input holds, or
   * nobody knows.
   *
   * @param op digest of the step's op
   * @param mount its index in the op
   */
  default @Nullable Result left(BuildScope scope, Digest op, int mount)
      throws InterruptedException {
    return null;
  }

  /**
   * What the steps of a build did in their networks so far: one JSON object. Asked before {@link
   * #end}; of a build whose ops were never made it tells of no step.
   */
  Bytes networkReport(String ref);

  /** The build is over: what was opened for its ops is given back. */
  default void end(BuildScope scope) {}
}
