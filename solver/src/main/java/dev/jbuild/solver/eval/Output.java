package dev.jbuild.solver.eval;

import dev.jbuild.solver.Result;
import dev.jbuild.solver.cache.CacheRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one output: found in the cache, made in this process, or both.
 *
 * @param record null when the result was made here or is only good in one job
 * @param result null until it is needed
 */
record Output(CacheId id, @Nullable CacheRecord record, @Nullable Result result) {

  /** Found, not loaded. */
  static Output found(CacheRecord record) {
    return new Output(new CacheId(record.id(), true), record, null);
  }

  /** Made here. */
  static Output made(CacheId id, Result result) {
    return new Output(id, null, result);
  }

  /** The same output with its result at hand. */
  Output with(Result loaded) {
    return new Output(id, record, loaded);
  }

  /** The same result, known downstream by another id. */
  Output as(CacheId known) {
    return new Output(known, record, result);
  }
}
