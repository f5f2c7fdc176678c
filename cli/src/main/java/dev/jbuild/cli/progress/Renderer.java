package dev.jbuild.cli.progress;

import java.time.Instant;

/**
 * Shows what a {@link Timeline} finds out. Called by one thread at a time; a method that a renderer
 * does not need does nothing.
 */
public interface Renderer {

  /** Says what begins, before anything heavy is loaded. */
  void begin(String title);

  /** A step started; a step may do so more than once. */
  default void started(Step step) {}

  /** A step printed a whole line. */
  default void line(Step step, Instant time, String text) {}

  /** A piece of work inside a step ended. */
  default void taskEnded(Step step, BuildEvent.Task task) {}

  /** A step ended. */
  default void ended(Step step) {}

  /** Called after each batch of events and some ten times a second in between. */
  default void refresh(Timeline timeline) {}

  /** The build is over; nothing follows. */
  void end(Timeline timeline);
}
