package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The id of a result.
 *
 * @param durable false when it is only good within one job; it is then never stored
 */
record CacheId(Digest digest, boolean durable) {

  /** What a store may keep of it. */
  @Nullable Digest stored() {
    return durable ? digest : null;
  }
}
