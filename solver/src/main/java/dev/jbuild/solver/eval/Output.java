package dev.jbuild.solver.eval;

import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.cache.CacheRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one output: found in the cache, made in this process, or both.
 *
 * @param record null when the result was made here or is only good in one job
 * @param result null until it is needed
 * @param independent whether the id is one that runs in other surroundings share: only what is
 *     proven independent of them may be kept under it
 */
record Output(
    CacheId id, @Nullable CacheRecord record, @Nullable Result result, boolean independent) {

  /**
   * Found, not loaded.
   *
   * @param map of the vertex that looked
   */
  static Output found(CacheRecord record, CacheMap map) {
    boolean independent = record.op().equals(map.independent());
    return new Output(new CacheId(record.id(), true), record, null, independent);
  }

  /** Made here. */
  static Output made(CacheId id, Result result, boolean independent) {
    return new Output(id, null, result, independent);
  }

  /** The same output with its result at hand. */
  Output with(Result loaded) {
    return new Output(id, record, loaded, independent);
  }

  /** The same result, known downstream by the id that another one had. */
  Output as(Output known) {
    return new Output(known.id, record, result, known.independent);
  }
}
