package dev.jbuild.solver.eval;

import org.jspecify.annotations.Nullable;

/** Passes a failure from the thread that had it to the one that waits. */
final class Thrown {
  private Thrown() {}

  /** The failure, to be thrown; an error is thrown right here. */
  static RuntimeException unchecked(@Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
  }
}
