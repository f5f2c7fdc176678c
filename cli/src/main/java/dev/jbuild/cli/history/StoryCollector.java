package dev.jbuild.cli.history;

import dev.jbuild.cli.history.StoryStep.Outcome;
import dev.jbuild.cli.history.StoryStep.Span;
import dev.jbuild.cli.progress.BuildEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes a story's steps of a build's events. For one thread. */
public final class StoryCollector {
  private static final String CANCELLED = "context canceled";
  private static final int STEPS = 20_000;
  private static final int SPANS = 64;
  private static final int TASKS = 200;
  private static final int WARNINGS = 500;
  private static final int LOG_CHARS = 256 << 10;

  private final Map<String, Collected> steps = new LinkedHashMap<>();
  private final List<BuildEvent.Warning> warnings = new ArrayList<>();

  /** What is known of a step so far. */
  private static final class Collected {
    private final String digest;
    private final TreeMap<Instant, Instant> spans = new TreeMap<>();
    private final Map<String, BuildEvent.Task> tasks = new LinkedHashMap<>();
    private final StringBuilder log = new StringBuilder();
    private List<String> inputs = List.of();
    private String name = "";
    private String error = "";
    private boolean cached;
    private @Nullable Instant runningSince;
    private long omitted;

    Collected(String digest) {
      this.digest = digest;
    }
  }

  /** Tells whose results a step uses. */
  public void inputs(String digest, List<String> inputs) {
    Collected step = step(digest);
    if (step != null && !inputs.isEmpty()) {
      step.inputs = List.copyOf(inputs);
    }
  }

  /** Takes events in order. */
  public void accept(List<BuildEvent> events) {
    for (BuildEvent event : events) {
      switch (event) {
        case BuildEvent.StepState state -> state(state);
        case BuildEvent.Output output -> output(output);
        case BuildEvent.Task task -> {
          Collected step = step(task.digest());
          if (step != null && step.tasks.size() < TASKS) {
            step.tasks.put(task.id(), task);
          }
        }
        case BuildEvent.Warning warning -> {
          if (warnings.size() < WARNINGS) {
            warnings.add(warning);
          }
        }
      }
    }
  }

  private @Nullable Collected step(String digest) {
    Collected known = steps.get(digest);
    if (known == null && steps.size() < STEPS) {
      known = new Collected(digest);
      steps.put(digest, known);
    }
    return known;
  }

  private void state(BuildEvent.StepState state) {
    Collected step = step(state.digest());
    if (step == null) {
      return;
    }
    step.name = state.name();
    Instant started = state.started();
    Instant completed = state.completed();
    if (started == null) {
      return;
    }
    if (completed == null) {
      step.runningSince = started;
      return;
    }
    step.runningSince = null;
    step.cached = state.cached();
    step.error = state.error();
    if (step.spans.size() < SPANS) {
      step.spans.put(started, completed);
    }
  }

  private void output(BuildEvent.Output output) {
    Collected step = step(output.digest());
    if (step == null) {
      return;
    }
    step.log.append(output.text());
    int surplus = step.log.length() - LOG_CHARS;
    if (surplus > LOG_CHARS / 4) {
      step.log.delete(0, surplus);
      step.omitted += surplus;
    }
  }

  public List<BuildEvent.Warning> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * The steps in the order in which they began.
   *
   * @param now the end of what runs still
   */
  public List<StoryStep> steps(
      Map<String, List<String>> why, Map<String, StepTraffic> traffic, Instant now) {
    var ordered = new ArrayList<>(steps.values());
    ordered.sort((a, b) -> begin(a).compareTo(begin(b)));
    var story = new ArrayList<StoryStep>();
    for (Collected step : ordered) {
      var spans = new ArrayList<Span>();
      step.spans.forEach((from, to) -> spans.add(new Span(from, to.isBefore(from) ? from : to)));
      Instant since = step.runningSince;
      if (since != null) {
        spans.add(new Span(since, now.isBefore(since) ? since : now));
      }
      story.add(
          new StoryStep(
              story.size() + 1,
              step.digest,
              step.name,
              step.inputs,
              spans,
              outcome(step),
              step.error,
              List.copyOf(step.tasks.values()),
              step.log.toString(),
              step.omitted,
              why.getOrDefault(step.digest, List.of()),
              traffic.get(step.digest)));
    }
    return story;
  }

  private static Instant begin(Collected step) {
    if (!step.spans.isEmpty()) {
      return step.spans.firstKey();
    }
    Instant since = step.runningSince;
    return since == null ? Instant.MAX : since;
  }

  private static Outcome outcome(Collected step) {
    if (step.runningSince != null) {
      return Outcome.RUNNING;
    }
    if (step.spans.isEmpty()) {
      return Outcome.WAITING;
    }
    if (step.error.equals(CANCELLED)) {
      return Outcome.CANCELED;
    }
    if (!step.error.isEmpty()) {
      return Outcome.FAILED;
    }
    return step.cached ? Outcome.CACHED : Outcome.RAN;
  }
}
