package dev.jbuild.cli.history;

import dev.jbuild.cli.progress.Figures;
import dev.jbuild.cli.progress.TerminalText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds as a table.
 *
 * @param now for ages
 * @param whole whether long names stay whole
 */
public record HistoryTable(Instant now, boolean whole) {
  private static final List<String> TITLES =
      List.of("BUILD ID", "NAME", "STATUS", "STEPS", "CREATED", "DURATION");
  private static final int NAME = 36;

  /** Lines with line ends. */
  public String of(List<BuildEntry> builds) {
    var rows = new ArrayList<List<String>>();
    rows.add(TITLES);
    builds.forEach(build -> rows.add(row(build)));
    int[] widths = new int[TITLES.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var out = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 3));
      }
      out.append(line.toString().stripTrailing()).append("\n");
    }
    return out.toString();
  }

  private List<String> row(BuildEntry build) {
    String name = TerminalText.visible(build.name());
    BuildEntry.Steps steps = build.steps();
    String count = steps.completed() + "/" + steps.total();
    return List.of(
        TerminalText.visible(build.ref()),
        whole || name.length() <= NAME ? name : name.substring(0, NAME - 1) + "…",
        build.state().title() + (build.pinned() ? ", pinned" : ""),
        build.state() == BuildEntry.State.RUNNING
            ? ""
            : count + (steps.cached() > 0 ? ", " + steps.cached() + " cached" : ""),
        age(Duration.between(build.created(), now)),
        duration(build.duration(now)));
  }

  /** {@code 0.8s}, {@code 3m 05s}, {@code 1h 02m}. */
  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return Figures.seconds(duration);
    }
    return seconds < 3600
        ? seconds / 60 + "m " + two(seconds % 60) + "s"
        : seconds / 3600 + "h " + two(seconds / 60 % 60) + "m";
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 60) {
      return ago(seconds, "second");
    }
    if (seconds < 3600) {
      return ago(seconds / 60, "minute");
    }
    return seconds < 172_800 ? ago(seconds / 3600, "hour") : ago(seconds / 86_400, "day");
  }

  private static String ago(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s") + " ago";
  }
}
