package dev.jbuild.llb.wire;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The op that is being read: names it in refusals and bounds the indexes in it, which are an
 * attacker's choice.
 *
 * @param inputs how many the op has
 * @param name begins a refusal
 */
record OpPlace(Digest digest, int inputs, String name) {

  OpPlace(Digest digest, int inputs) {
    this(digest, inputs, "llb op " + digest);
  }

  BuildException invalid(String problem) {
    return invalid(problem, null);
  }

  BuildException invalid(String problem, @Nullable Throwable cause) {
    return new BuildException(Code.INVALID, name + ": " + problem, cause);
  }

  /** An index of an input, or -1 for nothing. */
  long inputOrNone(String what, long index) {
    return within(what, index, -1, inputs);
  }

  /** An index from {@code first} to {@code end} - 1. */
  long within(String what, long index, long first, long end) {
    if (index < first || index >= end) {
      throw invalid(
          what + " is " + index + ", want " + (end > first ? first + " to " + (end - 1) : "none"));
    }
    return index;
  }
}
