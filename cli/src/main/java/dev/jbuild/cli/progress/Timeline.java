package dev.jbuild.cli.progress;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of a build, made of its events. Steps are numbered in the order in which they start;
 * events about unknown steps are dropped. For one thread at a time.
 */
public final class Timeline {
  private static final int WARNINGS = 200;

  private final Renderer renderer;
  private final Map<String, String> announced = new LinkedHashMap<>();
  private final Map<String, Step> steps = new LinkedHashMap<>();
  private final List<BuildEvent.Warning> warnings = new ArrayList<>();
  private @Nullable Instant firstStart;

  public Timeline(Renderer renderer) {
    this.renderer = renderer;
  }

  /** Takes a batch of events in order. */
  public void accept(List<BuildEvent> events) {
    for (BuildEvent event : events) {
      switch (event) {
        case BuildEvent.StepState state -> state(state);
        case BuildEvent.Output output -> output(output);
        case BuildEvent.Task task -> task(task);
        case BuildEvent.Warning warning -> {
          if (warnings.size() < WARNINGS) {
            warnings.add(warning);
          }
        }
      }
    }
    renderer.refresh(this);
  }

  /** The steps that started, in that order. */
  public Collection<Step> steps() {
    return steps.values();
  }

  /** How many steps are known, started or not. */
  public int total() {
    return announced.size();
  }

  public List<BuildEvent.Warning> warnings() {
    return List.copyOf(warnings);
  }

  /** The step of that digest, if it started. */
  public Optional<Step> step(String digest) {
    return Optional.ofNullable(steps.get(digest));
  }

  /** The first start by the daemon's clock. */
  public Optional<Instant> firstStart() {
    return Optional.ofNullable(firstStart);
  }

  private void state(BuildEvent.StepState state) {
    announced.put(state.digest(), state.name());
    Instant started = state.started();
    if (started == null) {
      return;
    }
    if (firstStart == null || started.isBefore(firstStart)) {
      firstStart = started;
    }
    Step step = steps.get(state.digest());
    if (step == null) {
      step = new Step(steps.size() + 1, state.digest(), state.name());
      steps.put(state.digest(), step);
    } else {
      step.rename(state.name());
    }
    if (step.start(state, started)) {
      renderer.started(step);
    }
    Instant completed = state.completed();
    if (completed != null) {
      for (String line : step.flush()) {
        renderer.line(step, completed, line);
      }
      if (step.complete(state, started, completed)) {
        renderer.ended(step);
      }
    }
  }

  private void output(BuildEvent.Output output) {
    Step step = steps.get(output.digest());
    if (step == null) {
      return;
    }
    for (String line : step.output(output.stream(), output.text())) {
      renderer.line(step, output.time(), line);
    }
  }

  private void task(BuildEvent.Task task) {
    Step step = steps.get(task.digest());
    if (step != null && step.task(task)) {
      renderer.taskEnded(step, task);
    }
  }
}
