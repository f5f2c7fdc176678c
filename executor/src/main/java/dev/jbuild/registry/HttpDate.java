package dev.jbuild.registry;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Times in headers, in all three forms that there ever were. Source: RFC 9110, 5.6.7. */
final class HttpDate {
  private static final int MAX_LENGTH = 64;

  private static final List<DateTimeFormatter> FORMS =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.ENGLISH)
              .withZone(ZoneOffset.UTC),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  private HttpDate() {}

  /** Reads a time; empty when it is none. */
  static Optional<Instant> parse(String text) {
    for (DateTimeFormatter form :
        text.length() > MAX_LENGTH ? List.<DateTimeFormatter>of() : FORMS) {
      try {
        return Optional.of(form.parse(text, Instant::from));
      } catch (DateTimeException another) {
        // It may be of the next form.
      }
    }
    return Optional.empty();
  }
}
