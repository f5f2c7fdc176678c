package dev.jbuild.cli;

/** Tells a command that its user wants it to end. Safe for use by several threads. */
public interface Cancellation {

  /**
   * Runs the action when the user cancels, at once if that has happened; closing takes the action
   * back.
   */
  Registration onCancel(Runnable action);

  /** Whether the user has cancelled. */
  boolean cancelled();

  /** An action that waits for a cancel. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
