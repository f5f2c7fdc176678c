package dev.jbuild.daemon.history;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as Go programs write them: {@code 1h30m}, {@code 1.5s}, {@code 250ms}. */
final class GoDuration {
  private static final Pattern PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(h|ms|m|s|us|ns)");
  private static final Map<String, Double> NANOS =
      Map.of("h", 3.6e12, "m", 6e10, "s", 1e9, "ms", 1e6, "us", 1e3, "ns", 1.0);

  private GoDuration() {}

  /** Null when the text is no duration. */
  static @Nullable Duration parse(String text) {
    Matcher part = PART.matcher(text);
    double nanos = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      nanos += Double.parseDouble(part.group(1)) * NANOS.getOrDefault(part.group(2), 0.0);
      end = part.end();
    }
    return end == text.length() && end > 0 ? Duration.ofNanos((long) nanos) : null;
  }
}
