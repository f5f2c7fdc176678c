package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Bars of the times in which steps worked, by stage. */
final class TimelineView {
  private static final int NAME = 90;
  private static final int TICKS = 8;
  private static final long[] NICE = {1, 2, 5};

  private final Story story;
  private final Set<String> critical;
  private final Instant begin;
  private final double nanos;

  TimelineView(Story story, Set<String> critical) {
    this.story = story;
    this.critical = critical;
    this.begin = story.begin();
    this.nanos = Math.max(1, Duration.between(begin, story.end()).toNanos());
  }

  void write(Html html) {
    html.open("section", "id", "timeline", "aria-labelledby", "timeline-title");
    html.element("h2", "Timeline", "id", "timeline-title");
    html.open("p", "class", "legend");
    for (StoryStep.Outcome outcome : StoryStep.Outcome.values()) {
      if (story.steps().stream().anyMatch(step -> step.outcome() == outcome)) {
        html.element("span", "", "class", "key " + Words.style(outcome), "aria-hidden", "true");
        html.text(outcome.word() + " ");
      }
    }
    html.element("span", "", "class", "key critical", "aria-hidden", "true");
    html.text("on the longest chain").close("p").line();
    html.open("div", "class", "chart");
    axis(html);
    stages()
        .forEach(
            (stage, steps) -> {
              html.element("h3", stage).open("ol", "class", "rows");
              steps.forEach(step -> row(step, html));
              html.close("ol").line();
            });
    html.close("div").close("section").line();
  }

  private Map<String, List<StoryStep>> stages() {
    var stages = new LinkedHashMap<String, List<StoryStep>>();
    for (StoryStep step : story.steps()) {
      stages.computeIfAbsent(step.stage(), stage -> new ArrayList<>()).add(step);
    }
    return stages;
  }

  /** Marks at round times. */
  private void axis(Html html) {
    long step = tick(Math.max(1, (long) (nanos / 1_000_000)));
    html.open("div", "class", "axis", "aria-hidden", "true");
    html.open("div", "class", "marks");
    for (long at = 0; at * 1_000_000.0 <= nanos; at += step) {
      html.element(
          "span",
          Words.duration(Duration.ofMillis(at)),
          "style",
          "left:" + Words.percent(at * 1_000_000.0 / nanos));
    }
    html.close("div").close("div").line();
  }

  /** Milliseconds between two marks: 1, 2 or 5 with noughts. */
  static long tick(long totalMillis) {
    long power = 1;
    while (true) {
      for (long nice : NICE) {
        if (totalMillis / (nice * power) < TICKS) {
          return nice * power;
        }
      }
      power *= 10;
    }
  }

  private void row(StoryStep step, Html html) {
    String style = Words.style(step.outcome());
    boolean chain = critical.contains(step.digest());
    html.open("li", "class", chain ? "row critical" : "row");
    html.open("a", "class", "who", "href", "#" + Words.anchor(step.number()), "title", step.name());
    html.element("span", "#" + step.number(), "class", "number");
    html.text(" " + Words.brief(step.name(), NAME)).close("a");
    html.open("span", "class", "track", "aria-hidden", "true");
    for (StoryStep.Span span : step.spans()) {
      double left = Duration.between(begin, span.from()).toNanos() / nanos;
      double width = Duration.between(span.from(), span.to()).toNanos() / nanos;
      html.element(
          "span",
          "",
          "class",
          "bar " + style,
          "data-step",
          Integer.toString(step.number()),
          "style",
          "left:" + Words.percent(left) + ";width:" + Words.percent(width));
    }
    html.close("span");
    html.open("span", "class", "took");
    boolean plain = step.outcome() == StoryStep.Outcome.RAN;
    html.text(plain ? Words.duration(step.duration()) : step.outcome().word());
    html.close("span").close("li").line();
  }
}
