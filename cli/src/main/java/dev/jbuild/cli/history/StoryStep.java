package dev.jbuild.cli.history;

import dev.jbuild.cli.progress.BuildEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One step of a build.
 *
 * @param number 1 for the first that began
 * @param inputs digests of the steps whose results it used
 * @param spans when it worked, in order; a step may begin more than once
 * @param error empty while all is well
 * @param log what it printed; of much the end
 * @param omittedLog how many characters before that are left out
 * @param why lines on why it ran or did not
 * @param traffic null where nothing is told of its network
 */
public record StoryStep(
    int number,
    String digest,
    String name,
    List<String> inputs,
    List<Span> spans,
    Outcome outcome,
    String error,
    List<BuildEvent.Task> tasks,
    String log,
    long omittedLog,
    List<String> why,
    @Nullable StepTraffic traffic) {
  private static final Pattern STAGE = Pattern.compile("\\[([^\\]]{1,200})\\] .*", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("(.*?) ?\\d+/\\d+", Pattern.DOTALL);

  public StoryStep {
    inputs = List.copyOf(inputs);
    spans = List.copyOf(spans);
    tasks = List.copyOf(tasks);
    why = List.copyOf(why);
  }

  /** A time in which a step worked. */
  public record Span(Instant from, Instant to) {}

  /** What became of a step. */
  public enum Outcome {
    RAN("ran"),
    CACHED("cached"),
    FAILED("failed"),
    CANCELED("canceled"),
    RUNNING("running"),
    WAITING("not begun");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** How long it worked, waiting not counted. */
  public Duration duration() {
    Duration sum = Duration.ZERO;
    for (Span span : spans) {
      sum = sum.plus(Duration.between(span.from(), span.to()));
    }
    return sum;
  }

  /** The stage of its name: {@code deps} of {@code [deps 2/5] RUN make}. */
  public String stage() {
    Matcher matcher = STAGE.matcher(name);
    if (!matcher.matches()) {
      return name.startsWith("exporting") || name.startsWith("importing") ? "export" : "other";
    }
    String inside = matcher.group(1);
    Matcher number = NUMBER.matcher(inside);
    String stage = number.matches() ? number.group(1) : inside;
    return stage.isEmpty() ? "build" : stage;
  }
}
