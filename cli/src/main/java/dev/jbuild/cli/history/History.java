package dev.jbuild.cli.history;

import dev.jbuild.cli.progress.BuildEvent;
import java.util.List;
import java.util.function.Consumer;

/**
 * The build history of a daemon, or of a state directory.
 *
 * <p>All calls throw {@link dev.jbuild.error.BuildException}: NOT_FOUND for a ref that has no
 * record, UNAVAILABLE when the daemon does not answer.
 */
public interface History extends AutoCloseable {

  /** All builds, those that began last first; also those that run. */
  List<BuildEntry> list() throws InterruptedException;

  /** Everything that is known of a build. */
  Story story(BuildEntry entry) throws InterruptedException;

  /**
   * What happened in a build, from its start; of one that runs until its end.
   *
   * @param events called by this thread
   */
  void replay(String ref, Consumer<List<BuildEvent>> events) throws InterruptedException;

  void delete(String ref) throws InterruptedException;

  /** Keeps a record whatever the limits are, or no longer. */
  void pin(String ref, boolean pinned) throws InterruptedException;

  @Override
  void close();
}
