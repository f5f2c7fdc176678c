package dev.jbuild.cli.history;

import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.Detail;
import java.time.Instant;
import java.util.List;

/**
 * A build from its start to its end.
 *
 * @param steps in the order in which they began; those that never did come last
 * @param details of its failure, innermost first
 * @param entitlements that the client asked for
 * @param notes what could not be found out, in sentences
 */
public record Story(
    BuildEntry entry,
    List<StoryStep> steps,
    List<BuildEvent.Warning> warnings,
    List<Detail> details,
    List<String> entitlements,
    List<String> notes) {

  public Story {
    steps = List.copyOf(steps);
    warnings = List.copyOf(warnings);
    details = List.copyOf(details);
    entitlements = List.copyOf(entitlements);
    notes = List.copyOf(notes);
  }

  /** When the first thing happened. */
  public Instant begin() {
    Instant begin = entry.created();
    for (StoryStep step : steps) {
      for (StoryStep.Span span : step.spans()) {
        begin = span.from().isBefore(begin) ? span.from() : begin;
      }
    }
    return begin;
  }

  /** When the last thing happened. */
  public Instant end() {
    Instant completed = entry.completed();
    Instant end = completed == null ? entry.created() : completed;
    for (StoryStep step : steps) {
      for (StoryStep.Span span : step.spans()) {
        end = span.to().isAfter(end) ? span.to() : end;
      }
    }
    return end;
  }
}
