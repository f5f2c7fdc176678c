package dev.jbuild.solver.eval;

import java.time.Duration;

/**
 * Limits of an evaluator.
 *
 * @param parallelism how many heavy ops execute at the same time, 1 or more
 * @param cancelWait how long to wait for interrupted work to end before it is left to itself
 */
public record EvaluatorOptions(int parallelism, Duration cancelWait) {
  private static final int LEAST_PARALLELISM = 32;
  private static final int PER_PROCESSOR = 8;

  public EvaluatorOptions {
    if (parallelism < 1) {
      throw new IllegalArgumentException(
          "parallelism: want 1 or more steps at the same time, got " + parallelism);
    }
  }

  /**
   * For a machine with this many processors. Steps wait for networks, disks and each other more
   * than they compute, so the limit only keeps a wide graph from using up memory and addresses; see
   * decision 010.
   */
  public static EvaluatorOptions forProcessors(int processors) {
    return new EvaluatorOptions(
        Math.max(LEAST_PARALLELISM, PER_PROCESSOR * processors), Duration.ofSeconds(60));
  }
}
