package dev.jbuild.daemon.history;

import java.time.Duration;

/**
 * How many records are kept. A record goes when it is older than the age <em>and</em> the number is
 * exceeded, the oldest first; pinned ones neither go nor count. Source: reference wire-control,
 * section 7.
 *
 * @param maxEntries how many are kept however old they are
 */
public record HistoryLimits(Duration maxAge, int maxEntries) {
  public static final HistoryLimits DEFAULT = new HistoryLimits(Duration.ofDays(2), 50);

  public HistoryLimits {
    if (maxAge.isNegative() || maxEntries < 0) {
      throw new IllegalArgumentException(
          "history limits: negative: " + maxAge + ", " + maxEntries + " entries");
    }
  }
}
