package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;

/**
 * Carries the failure of a vertex that had to run again through the evaluation of the one that
 * needs it, which has not failed itself. Never leaves the package.
 */
final class InputFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BuildException failure;

  InputFailure(BuildException failure) {
    super(failure);
    this.failure = failure;
  }

  BuildException failure() {
    return failure;
  }
}
