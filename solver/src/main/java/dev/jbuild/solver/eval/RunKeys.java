package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.CacheMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one run.
 *
 * @param full with the op's surroundings: what is run at the same time only once
 * @param independent without them; null where the op has none to leave out
 */
record RunKeys(RunKey full, @Nullable RunKey independent) {

  /**
   * By what the inputs are.
   *
   * @param job scopes an op digest that is only good in this job
   */
  static RunKeys byDefinition(CacheMap map, List<InputId> inputs, String job) {
    return of(map, inputs, job, false);
  }

  /** By what the inputs contain, where that was taken, else by what they are. */
  static RunKeys byContent(CacheMap map, List<InputId> inputs, String job) {
    return of(map, inputs, job, true);
  }

  private static RunKeys of(CacheMap map, List<InputId> inputs, String job, boolean content) {
    String scope = map.durable() ? "" : job;
    @Nullable Digest independent = map.independent();
    return new RunKeys(
        RunKey.of(map.digest(), inputs, scope, content),
        independent == null ? null : RunKey.of(independent, inputs, scope, content));
  }
}
