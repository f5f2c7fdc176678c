package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StoryStep;
import dev.jbuild.cli.progress.TerminalText;
import java.util.List;

/**
 * What a step printed, as it looks at the end: without control sequences, of a line that was
 * written over and over only the last state, of much only the end.
 *
 * @param text for the page
 * @param cut whether something before it is left out
 */
record LogText(String text, boolean cut) {
  private static final int ALL_BYTES = 1_200_000;
  private static final int MOST = 128 << 10;
  private static final int LEAST = 512;

  /** How long the text of each step may be, escaped, so that the page stays small enough. */
  static int limit(List<StoryStep> steps) {
    long printing = steps.stream().filter(step -> !step.log().isEmpty()).count();
    return Math.clamp(ALL_BYTES / Math.max(1, printing), LEAST, MOST);
  }

  static LogText of(StoryStep step, int limit) {
    var lines = step.log().split("\n", -1);
    int room = limit;
    int first = lines.length;
    while (first > 0) {
      String line = visible(lines[first - 1]);
      room -= Html.length(line) + 1;
      if (room < 0) {
        break;
      }
      lines[first - 1] = line;
      first--;
    }
    if (first == lines.length) {
      // One line that is too long alone.
      String line = visible(lines[first - 1]);
      String end = line.substring(Math.max(0, line.length() - limit / 6));
      return new LogText(end, true);
    }
    var text = new StringBuilder();
    for (int i = first; i < lines.length; i++) {
      text.append(lines[i]).append(i + 1 < lines.length ? "\n" : "");
    }
    return new LogText(text.toString(), first > 0 || step.omittedLog() > 0);
  }

  private static String visible(String line) {
    String bare = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    return TerminalText.visible(bare.substring(bare.lastIndexOf('\r') + 1));
  }
}
