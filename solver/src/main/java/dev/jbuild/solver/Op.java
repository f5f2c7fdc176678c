package dev.jbuild.solver;

import java.util.List;

/**
 * What a vertex does. An instance belongs to one job: it may hold that job's session and grants. It
 * may outlive the job's interest: a run that another job waits for goes on, and is run again with
 * that job's own instance when it fails. Methods block; they are called from virtual threads;
 * interruption means cancel: whatever the method started must be gone when it returns or throws.
 */
public interface Op {

  /**
   * What identifies the result, without executing. May ask a registry or the like for the digest
   * behind a name. Called at most once per vertex and job.
   */
  CacheMap cacheMap(OpContext context) throws InterruptedException;

  /**
   * Does the work. Called at most once per job.
   *
   * @param inputs one result per input of the vertex, in order
   * @return one result per output of the op
   * @throws dev.jbuild.error.BuildException when it fails
   */
  List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException;

  /**
   * Whether {@link #execute} counts against the limit of parallel work. Sources that only wait for
   * the network or operations that only arrange links do not. An op that solves another graph while
   * it executes must not: it would hold the slot that the inner steps wait for.
   */
  default boolean heavy() {
    return true;
  }
}
