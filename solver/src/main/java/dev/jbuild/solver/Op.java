package dev.jbuild.solver;

import java.util.List;

/**
 * What a vertex does. An instance belongs to one job: it may hold that job's session and grants.
 * Methods block; they are called from virtual threads; interruption means cancel.
 */
public interface Op {

  /**
   * What identifies the result, without executing. May ask a registry or the like for the digest
   * behind a name. Called at most once per evaluation.
   */
  CacheMap cacheMap(OpContext context) throws InterruptedException;

  /**
   * Does the work.
   *
   * @param inputs one result per input of the vertex, in order
   * @return one result per output of the op
   * @throws dev.jbuild.error.BuildException when it fails
   */
  List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException;

  /**
   * Whether {@link #execute} counts against the limit of parallel work. Sources that only wait for
   * the network or operations that only arrange links do not.
   */
  default boolean heavy() {
    return true;
  }
}
