package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StepTraffic;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryStep;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.cli.progress.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All that is known of each step; shown when it is asked for. */
final class StepView {
  private static final int NAME = 160;
  private static final int WHOLE_NAME = 8_000;
  private static final int TASKS = 40;
  private static final int CONTACTS = 200;

  private final Story story;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final int logLimit;

  StepView(Story story) {
    this.story = story;
    this.logLimit = LogText.limit(story.steps());
    story.steps().forEach(step -> numbers.put(step.digest(), step.number()));
  }

  void write(Html html) {
    html.open("section", "id", "steps", "aria-labelledby", "steps-title");
    html.element("h2", "Steps", "id", "steps-title").line();
    story.steps().forEach(step -> step(step, html));
    html.close("section").line();
  }

  private void step(StoryStep step, Html html) {
    String style = Words.style(step.outcome());
    boolean failed = step.outcome() == StoryStep.Outcome.FAILED;
    html.open(
        "details",
        "class",
        "step " + style,
        "id",
        Words.anchor(step.number()),
        "open",
        failed ? "open" : null);
    html.open("summary");
    html.element("span", "#" + step.number(), "class", "number");
    html.element("span", Words.brief(step.name(), NAME), "class", "name");
    html.element("span", step.outcome().word(), "class", "badge " + style);
    html.element(
        "span", step.spans().isEmpty() ? "" : Words.duration(step.duration()), "class", "took");
    html.close("summary").open("div", "class", "body");
    if (!Words.brief(step.name(), NAME).equals(step.name())) {
      String name = step.name();
      html.element("pre", name.substring(0, Math.min(name.length(), WHOLE_NAME)));
    }
    facts(step, html);
    StepTraffic traffic = step.traffic();
    if (traffic != null) {
      traffic(traffic, html);
    }
    log(step, html);
    html.close("div").close("details").line();
  }

  private void facts(StoryStep step, Html html) {
    html.open("dl");
    for (String why : step.why()) {
      html.element("dt", "Why").element("dd", why);
    }
    if (!step.error().isEmpty()) {
      html.element("dt", "Error").element("dd", step.error(), "class", "error");
    }
    Instant begin = story.begin();
    for (StoryStep.Span span : step.spans()) {
      html.element("dt", "Worked")
          .element(
              "dd",
              "from +"
                  + Words.duration(Duration.between(begin, span.from()))
                  + " to +"
                  + Words.duration(Duration.between(begin, span.to())));
    }
    List<Integer> inputs =
        step.inputs().stream().distinct().filter(numbers::containsKey).map(numbers::get).toList();
    if (!inputs.isEmpty()) {
      html.element("dt", "Uses").open("dd");
      inputs.forEach(
          number -> html.element("a", "#" + number, "href", "#" + Words.anchor(number)).text(" "));
      html.close("dd");
    }
    step.tasks().stream().limit(TASKS).forEach(task -> task(task, html));
    html.element("dt", "Digest").open("dd").element("code", step.digest()).close("dd");
    html.close("dl");
  }

  private static void task(BuildEvent.Task task, Html html) {
    Instant started = task.started();
    Instant completed = task.completed();
    String amount = Figures.amount(task.current(), task.total());
    String took =
        started == null || completed == null
            ? ""
            : Words.duration(Duration.between(started, completed));
    html.element("dt", "Task")
        .element("dd", (task.id() + "  " + amount + "  " + took).stripTrailing());
  }

  private static void traffic(StepTraffic traffic, Html html) {
    html.open("h4").text("Network: " + traffic.mode()).close("h4");
    if (traffic.contacts().isEmpty()) {
      html.element(
          "p",
          traffic.quiet()
              ? "This step opened no socket beyond its own loopback."
              : "This step talked to nobody.");
    } else {
      NetworkView.table(html, false);
      traffic.contacts().stream()
          .limit(CONTACTS)
          .forEach(contact -> NetworkView.row(contact, -1, html));
      html.close("tbody").close("table").close("div");
    }
    traffic.notSeen().forEach(why -> html.element("p", "Not seen: " + why, "class", "muted"));
  }

  private void log(StoryStep step, Html html) {
    if (step.log().isEmpty()) {
      return;
    }
    LogText log = LogText.of(step, logLimit);
    html.element("h4", "Output");
    if (log.cut()) {
      html.open("p", "class", "muted")
          .text("Only the end is shown here; all of it: ")
          .element("code", "jbuild history logs " + story.entry().ref())
          .close("p");
    }
    // The first line break after the tag is not part of the text.
    html.open("pre", "class", "log", "tabindex", "0").line().text(log.text()).close("pre");
  }
}
