package dev.jbuild.cli.progress;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of one step. Written by {@link Timeline} only. */
public final class Step {
  /** How many lines of a step's output are kept for the report of a failure. */
  static final int TAIL_LINES = 25;

  private static final int TASKS = 64;
  private static final int INTERVALS = 64;
  private static final String CANCELLED = "context canceled";

  private final int number;
  private final String digest;
  private final ArrayDeque<String> tail = new ArrayDeque<>();
  private final LineBuffer[] lines = {new LineBuffer(), new LineBuffer()};
  private final Map<String, BuildEvent.Task> tasks = new LinkedHashMap<>();
  private final TreeMap<Instant, Instant> intervals = new TreeMap<>();
  private String name;
  private String error = "";
  private boolean cached;
  private @Nullable Instant runningSince;

  Step(int number, String digest, String name) {
    this.number = number;
    this.digest = digest;
    this.name = name;
  }

  /** 1 for the first step that started. */
  public int number() {
    return number;
  }

  public String digest() {
    return digest;
  }

  public String name() {
    return name;
  }

  public boolean running() {
    return runningSince != null;
  }

  public boolean cached() {
    return cached;
  }

  /** Empty while all is well. */
  public String error() {
    return error;
  }

  /** Whether it ended because the build was cancelled. */
  public boolean cancelled() {
    return error.equals(CANCELLED);
  }

  /** Whether it ended by itself with an error. */
  public boolean failed() {
    return !error.isEmpty() && !cancelled();
  }

  /** The last lines it printed, at most {@value #TAIL_LINES}. */
  public List<String> tail() {
    return List.copyOf(tail);
  }

  /** The pieces of work inside it. */
  public Collection<BuildEvent.Task> tasks() {
    return List.copyOf(tasks.values());
  }

  /** When it started last, or first if it does not run. */
  Instant start(Instant otherwise) {
    if (runningSince != null) {
      return runningSince;
    }
    return intervals.isEmpty() ? otherwise : intervals.firstKey();
  }

  /** How long it worked until now, waiting not counted. */
  public Duration elapsed(Instant now) {
    Duration sum = Duration.ZERO;
    for (var interval : intervals.entrySet()) {
      sum = sum.plus(Duration.between(interval.getKey(), interval.getValue()));
    }
    if (runningSince != null && now.isAfter(runningSince)) {
      sum = sum.plus(Duration.between(runningSince, now));
    }
    return sum;
  }

  void rename(String newName) {
    name = newName;
  }

  /** Notes a start; false if it was known. */
  boolean start(BuildEvent.StepState state, Instant started) {
    if (started.equals(runningSince) || intervals.containsKey(started)) {
      return false;
    }
    runningSince = started;
    cached = state.cached();
    return true;
  }

  /** Notes an end; false if it was known. */
  boolean complete(BuildEvent.StepState state, Instant started, Instant completed) {
    boolean known = completed.equals(intervals.get(started));
    if (intervals.size() < INTERVALS) {
      intervals.put(started, completed.isBefore(started) ? started : completed);
    }
    runningSince = null;
    cached = state.cached();
    error = state.error();
    return !known;
  }

  /** Takes output and gives the lines that it completes. */
  List<String> output(int stream, String text) {
    return remember(lines[stream == 2 ? 1 : 0].add(text));
  }

  /** The unfinished lines, at the end. */
  List<String> flush() {
    var rest = new ArrayList<String>(lines[0].flush());
    rest.addAll(lines[1].flush());
    return remember(rest);
  }

  private List<String> remember(List<String> complete) {
    for (String line : complete) {
      if (tail.size() == TAIL_LINES) {
        tail.removeFirst();
      }
      tail.addLast(line);
    }
    return complete;
  }

  /** Notes a piece of work; true if it has just ended. */
  boolean task(BuildEvent.Task task) {
    var before = tasks.get(task.id());
    if (before == null && tasks.size() == TASKS) {
      return false;
    }
    tasks.put(task.id(), task);
    boolean endedBefore = before != null && before.completed() != null;
    return task.completed() != null && !endedBefore;
  }
}
