package dev.jbuild.cli.progress;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that happened in a build, as the client heard of it. Times are the daemon's. */
public sealed interface BuildEvent {

  /**
   * The state of a step.
   *
   * @param digest names the step within the build
   * @param started null while nothing was done
   * @param completed null while it runs
   * @param error empty while all is well
   */
  record StepState(
      String digest,
      String name,
      boolean cached,
      @Nullable Instant started,
      @Nullable Instant completed,
      String error)
      implements BuildEvent {}

  /**
   * Output of a step; lines may be split between events.
   *
   * @param stream 1 for standard output, 2 for standard error
   */
  record Output(String digest, Instant time, int stream, String text) implements BuildEvent {}

  /**
   * A piece of work inside a step.
   *
   * @param id also the text shown
   * @param total 0 when not known
   */
  record Task(
      String digest,
      String id,
      long current,
      long total,
      @Nullable Instant started,
      @Nullable Instant completed)
      implements BuildEvent {}

  /** A remark about the source. */
  record Warning(String digest, String text, List<String> detail, String url, String place)
      implements BuildEvent {
    public Warning {
      detail = List.copyOf(detail);
    }
  }
}
