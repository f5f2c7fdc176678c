package dev.jbuild.solver;

/**
 * One client's build, from {@link Solver#open} to {@link #close}. What it has evaluated is
 * remembered until then. Safe for use by several threads.
 */
public interface Job extends AutoCloseable {

  /** Unique among the live jobs. */
  String id();

  /**
   * Withdraws the job's interest: its solves end with code {@code CANCELLED} once what only they
   * waited for has stopped. Returns at once; may be called more than once.
   */
  void cancel();

  /**
   * Cancels, waits for the job's solves to have ended, and reports every vertex that started and
   * did not end as cancelled. Nothing reaches the job's sink afterwards.
   */
  @Override
  void close();
}
