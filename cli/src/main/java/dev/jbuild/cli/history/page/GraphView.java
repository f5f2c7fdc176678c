package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StoryStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What uses what, drawn as a map of lines: one row a step, one column a stage, a line from each
 * step to those that use it.
 */
final class GraphView {
  private static final int ROW = 26;
  private static final int COLUMN = 22;
  private static final int MARGIN = 16;
  private static final int NAME = 100;
  private static final int LETTER = 7;

  private final List<StoryStep> ordered;
  private final Set<String> critical;
  private final Map<String, Integer> rows = new HashMap<>();
  private final Map<String, Integer> columns = new LinkedHashMap<>();

  GraphView(List<StoryStep> steps, Set<String> critical) {
    this.ordered = ordered(steps);
    this.critical = critical;
    for (StoryStep step : ordered) {
      rows.put(step.digest(), rows.size());
      columns.putIfAbsent(step.stage(), columns.size());
    }
  }

  /** By number, but each after its inputs; what is in a circle, which no build has, comes last. */
  private static List<StoryStep> ordered(List<StoryStep> steps) {
    Map<String, List<StoryStep>> users = new HashMap<>();
    Map<String, Integer> missing = new HashMap<>();
    Map<String, StoryStep> known = new HashMap<>();
    steps.forEach(step -> known.put(step.digest(), step));
    var ready = new PriorityQueue<StoryStep>((a, b) -> Integer.compare(a.number(), b.number()));
    for (StoryStep step : steps) {
      List<String> inputs = step.inputs().stream().distinct().filter(known::containsKey).toList();
      missing.put(step.digest(), inputs.size());
      inputs.forEach(in -> users.computeIfAbsent(in, key -> new ArrayList<>()).add(step));
      if (inputs.isEmpty()) {
        ready.add(step);
      }
    }
    var ordered = new ArrayList<StoryStep>();
    while (!ready.isEmpty()) {
      StoryStep step = ready.remove();
      ordered.add(step);
      for (StoryStep user : users.getOrDefault(step.digest(), List.of())) {
        if (missing.merge(user.digest(), -1, Integer::sum) == 0) {
          ready.add(user);
        }
      }
    }
    steps.stream().filter(step -> missing.getOrDefault(step.digest(), 0) > 0).forEach(ordered::add);
    return ordered;
  }

  void write(Html html) {
    int left = MARGIN + columns.size() * COLUMN;
    int width = left + 8 + LETTER * (NAME + 6);
    int height = ROW * ordered.size() + MARGIN;
    html.open("section", "id", "graph", "aria-labelledby", "graph-title");
    html.element("h2", "Graph", "id", "graph-title");
    html.element(
        "p",
        "A line leads from each step down to those that use its result; a column is a stage.",
        "class",
        "muted");
    html.open("div", "class", "scroll", "tabindex", "0", "aria-label", "Graph, may scroll");
    html.open(
        "svg",
        "width",
        Integer.toString(width),
        "height",
        Integer.toString(height),
        "viewBox",
        "0 0 " + width + " " + height,
        "role",
        "group",
        "aria-label",
        ordered.size() + " steps and what uses what");
    ordered.forEach(step -> edges(step, html));
    ordered.forEach(step -> node(step, left, html));
    html.close("svg").close("div").close("section").line();
  }

  private int x(StoryStep step) {
    return MARGIN + columns.getOrDefault(step.stage(), 0) * COLUMN;
  }

  private int y(StoryStep step) {
    return ROW / 2 + 4 + ROW * rows.getOrDefault(step.digest(), 0);
  }

  private void edges(StoryStep to, Html html) {
    to.inputs().stream()
        .distinct()
        .filter(rows::containsKey)
        .map(digest -> ordered.get(rows.getOrDefault(digest, 0)))
        .forEach(from -> edge(from, to, html));
  }

  /** Down the column of the step that is used, and over to the one that uses it in its last row. */
  private void edge(StoryStep from, StoryStep to, Html html) {
    boolean chain = critical.contains(from.digest()) && critical.contains(to.digest());
    int turn = y(to) - ROW;
    String path =
        "M"
            + x(from)
            + " "
            + y(from)
            + " L"
            + x(from)
            + " "
            + turn
            + " C"
            + x(from)
            + " "
            + (turn + ROW / 2)
            + " "
            + x(to)
            + " "
            + (turn + ROW / 2)
            + " "
            + x(to)
            + " "
            + y(to);
    html.open("path", "class", chain ? "edge critical" : "edge", "d", path).close("path");
  }

  private void node(StoryStep step, int left, Html html) {
    String y = Integer.toString(y(step));
    html.open("a", "href", "#" + Words.anchor(step.number()), "class", "node");
    html.element("title", step.name() + " – " + step.outcome().word());
    html.open(
            "circle",
            "class",
            Words.style(step.outcome()),
            "cx",
            Integer.toString(x(step)),
            "cy",
            y,
            "r",
            "6")
        .close("circle");
    html.open("text", "x", Integer.toString(left + 8), "y", y, "dominant-baseline", "central");
    html.element("tspan", "#" + step.number() + " ", "class", "number");
    html.text(Words.brief(step.name(), NAME));
    html.close("text").close("a").line();
  }
}
