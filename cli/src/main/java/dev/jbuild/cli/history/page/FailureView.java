package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryStep;
import dev.jbuild.error.Detail;
import dev.jbuild.error.SourceExcerpt;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Why a build failed: the message, the place in the source, the last output of the step. */
final class FailureView {
  private static final int TAIL_LINES = 25;
  private static final int LIMIT = 16 << 10;

  private FailureView() {}

  static boolean needed(Story story) {
    BuildEntry.State state = story.entry().state();
    return state == BuildEntry.State.FAILED || state == BuildEntry.State.CANCELED;
  }

  static void write(Story story, Html html) {
    html.open("section", "id", "error", "class", "failure", "aria-labelledby", "error-title");
    html.element("h2", "Error", "id", "error-title");
    html.element("pre", story.entry().error(), "class", "message");
    Set<Detail.Source> sources = new LinkedHashSet<>();
    for (Detail detail : story.details()) {
      if (detail instanceof Detail.Source source && !source.ranges().isEmpty()) {
        sources.add(source);
      }
      if (detail instanceof Detail.ProcessExit exit) {
        html.open("p").text("Exit code ").element("strong", Integer.toString(exit.code()));
        html.close("p");
      }
    }
    for (Detail.Source source : sources) {
      List<String> lines = SourceExcerpt.render(source);
      if (!lines.isEmpty()) {
        html.element("pre", String.join("\n", lines), "class", "excerpt");
      }
    }
    story.steps().stream()
        .filter(step -> step.outcome() == StoryStep.Outcome.FAILED)
        .limit(3)
        .forEach(step -> failed(step, html));
    html.close("section").line();
  }

  private static void failed(StoryStep step, Html html) {
    html.open("p").text("In step ");
    html.element("a", "#" + step.number(), "href", "#" + Words.anchor(step.number()));
    html.text(" " + Words.brief(step.name(), 160)).close("p");
    if (step.log().isEmpty()) {
      return;
    }
    String[] lines = LogText.of(step, LIMIT).text().stripTrailing().split("\n", -1);
    int from = Math.max(0, lines.length - TAIL_LINES);
    html.element("h4", "Its last output");
    html.open("pre", "class", "log", "tabindex", "0").line();
    html.text(String.join("\n", List.of(lines).subList(from, lines.length)));
    html.close("pre");
  }
}
