package dev.jbuild.cli.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A build of the history.
 *
 * @param attrs of the frontend, by wire name
 * @param completed null while it runs
 * @param error empty while all is well
 * @param response of the exporters, by key
 */
public record BuildEntry(
    String ref,
    String frontend,
    SortedMap<String, String> attrs,
    List<Output> outputs,
    State state,
    Instant created,
    @Nullable Instant completed,
    String error,
    Steps steps,
    boolean pinned,
    SortedMap<String, String> response) {
  private static final String LOCAL = "local";

  public BuildEntry {
    attrs = Collections.unmodifiableSortedMap(new TreeMap<>(attrs));
    outputs = List.copyOf(outputs);
    response = Collections.unmodifiableSortedMap(new TreeMap<>(response));
  }

  /** What the client wanted of the result. */
  public record Output(String type, SortedMap<String, String> attrs) {
    public Output {
      attrs = Collections.unmodifiableSortedMap(new TreeMap<>(attrs));
    }
  }

  /** How far a build is, or how it ended. */
  public enum State {
    RUNNING("running", "Running"),
    COMPLETED("completed", "Completed"),
    FAILED("error", "Error"),
    CANCELED("canceled", "Canceled");

    private final String word;
    private final String title;

    State(String word, String title) {
      this.word = word;
      this.title = title;
    }

    /** As filters call it. */
    public String word() {
      return word;
    }

    /** As people read it. */
    public String title() {
      return title;
    }
  }

  /** How many steps, and how many remarks about the source. */
  public record Steps(int total, int completed, int cached, int warnings) {}

  /** What people know the build by: the image's name, else where it came from. */
  public String name() {
    for (Output output : outputs) {
      String names = output.attrs().getOrDefault("name", "");
      if (!names.isEmpty()) {
        return names.split(",", -1)[0];
      }
    }
    String target = attrs.getOrDefault("target", "");
    String place = attrs.getOrDefault("context", attrs.getOrDefault("vcs:source", ""));
    if (place.isEmpty() || place.equals(LOCAL)) {
      place = attrs.getOrDefault("filename", frontend);
    }
    return target.isEmpty() ? place : place + " (" + target + ")";
  }

  /**
   * How long it took.
   *
   * @param now for one that runs
   */
  public Duration duration(Instant now) {
    return Duration.between(created, completed == null ? now : completed);
  }
}
