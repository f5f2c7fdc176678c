package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What an input counts as.
 *
 * @param id canonical
 * @param selector the part that matters, or empty
 * @param content digest of that part, once it was taken
 */
record InputId(CacheId id, String selector, @Nullable Digest content) {}
