package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StoryStep.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times, names and classes as all parts of the page write them. */
final class Words {
  private Words() {}

  /** {@code 12 ms}, {@code 1.24 s}, {@code 3 min 05 s}. */
  static String duration(Duration duration) {
    long millis = Math.max(0, duration.toMillis());
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
    }
    long seconds = millis / 1_000;
    return seconds < 3_600
        ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
        : String.format(Locale.ROOT, "%d h %02d min", seconds / 3_600, seconds / 60 % 60);
  }

  /** {@code 2026-11-21 07:01:02 UTC}. */
  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  /** Places on the page, with few digits. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.3f%%", 100 * Math.clamp(share, 0.0, 1.0));
  }

  /** The class of all that shows an outcome. */
  static String style(Outcome outcome) {
    return switch (outcome) {
      case RAN -> "ran";
      case CACHED -> "cached";
      case FAILED -> "failed";
      case CANCELED -> "canceled";
      case RUNNING -> "running";
      case WAITING -> "waiting";
    };
  }

  /** The first line of a text, shortened. */
  static String brief(String text, int limit) {
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end) + " …";
    if (line.codePointCount(0, line.length()) <= limit) {
      return line;
    }
    return line.substring(0, line.offsetByCodePoints(0, limit - 1)) + "…";
  }

  /** Where a step is told of. */
  static String anchor(int number) {
    return "step-" + number;
  }
}
