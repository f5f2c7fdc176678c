package dev.jbuild.solver.llb;

import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.solver.Op;
import java.util.List;

/** Makes the ops of one job: it holds the job's session and grants. */
public interface OpFactory {

  /**
   * The op that does what {@code encoded} says; does no work yet.
   *
   * @param encoded valid: indexes are in range, and the op is entitled to what it asks for
   * @param place to name the step in failures and in the executor's own check of entitlements
   * @throws dev.jbuild.error.BuildException when this worker cannot do it
   */
  Op create(EncodedOp encoded, Place place);

  /**
   * The same.
   *
   * @param inputs what users see of the steps that the inputs come from, in the op's order
   */
  default Op create(EncodedOp encoded, Place place, List<String> inputs) {
    return create(encoded, place);
  }
}
