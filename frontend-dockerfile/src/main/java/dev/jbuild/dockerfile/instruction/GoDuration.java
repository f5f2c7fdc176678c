package dev.jbuild.dockerfile.instruction;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 1h2m}, {@code 1.5s}, {@code 300ms}. */
public final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{0,9})?|\\.[0-9]{1,9})(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns",
          1L,
          "us",
          1_000L,
          "µs",
          1_000L,
          "μs",
          1_000L,
          "ms",
          1_000_000L,
          "s",
          1_000_000_000L,
          "m",
          60_000_000_000L,
          "h",
          3_600_000_000_000L);

  private GoDuration() {}

  /**
   * @throws IllegalArgumentException for a text of another form or beyond 64 bits of nanoseconds
   */
  public static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    boolean negative = text.startsWith("-");
    int at = negative || text.startsWith("+") ? 1 : 0;
    if (at == text.length()) {
      throw malformed(text);
    }
    Matcher part = PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    while (at < text.length()) {
      if (!part.find(at) || part.start() != at) {
        throw malformed(text);
      }
      long unit = NANOS.getOrDefault(part.group(2), 1L);
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
      at = part.end();
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw malformed(text);
    }
    long value = nanos.setScale(0, RoundingMode.DOWN).longValueExact();
    return Duration.ofNanos(negative ? -value : value);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("duration: want such as 1m30s, got '" + text + "'");
  }

  /** The form Go prints: {@code 1m30s}, {@code 1.5s}, {@code 300ms}, {@code 0s}. */
  public static String print(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    BigDecimal rest = BigDecimal.valueOf(nanos).abs();
    if (rest.compareTo(BigDecimal.valueOf(1_000_000_000L)) < 0) {
      String unit = "ns";
      long size = 1;
      if (rest.compareTo(BigDecimal.valueOf(1_000_000L)) >= 0) {
        unit = "ms";
        size = 1_000_000L;
      } else if (rest.compareTo(BigDecimal.valueOf(1_000L)) >= 0) {
        unit = "µs";
        size = 1_000L;
      }
      return sign + plain(rest.divide(BigDecimal.valueOf(size))) + unit;
    }
    BigDecimal seconds = rest.movePointLeft(9);
    BigDecimal[] minutes = seconds.divideAndRemainder(BigDecimal.valueOf(60));
    long wholeMinutes = minutes[0].longValue();
    String text = plain(minutes[1]) + "s";
    if (wholeMinutes > 0) {
      text = wholeMinutes % 60 + "m" + text;
    }
    if (wholeMinutes >= 60) {
      text = wholeMinutes / 60 + "h" + text;
    }
    return sign + text;
  }

  private static String plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }
}
