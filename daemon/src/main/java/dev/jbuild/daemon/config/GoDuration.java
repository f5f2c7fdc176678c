package dev.jbuild.daemon.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations such as {@code 1h30m}. Source: Go's time.ParseDuration, without signs. */
final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h)");

  private GoDuration() {}

  /**
   * Reads one; a number alone is seconds.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Duration parse(String text) {
    if (text.matches("[0-9]{1,12}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (end < text.length()) {
      if (!part.find(end) || part.start() != end) {
        throw new IllegalArgumentException("no duration: " + text);
      }
      sum = sum.plus(nanos(part.group(1), part.group(2)));
      end = part.end();
    }
    if (end == 0) {
      throw new IllegalArgumentException("no duration: it is empty");
    }
    return sum;
  }

  private static Duration nanos(String number, String unit) {
    long each =
        switch (unit) {
          case "ns" -> 1;
          case "ms" -> 1_000_000;
          case "s" -> 1_000_000_000;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 1_000;
        };
    var nanos = new BigDecimal(number).multiply(BigDecimal.valueOf(each));
    var whole = nanos.toBigInteger().divideAndRemainder(BigDecimal.TEN.pow(9).toBigInteger());
    return Duration.ofSeconds(whole[0].longValueExact(), whole[1].longValueExact());
  }
}
