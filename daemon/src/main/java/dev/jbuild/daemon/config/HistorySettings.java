package dev.jbuild.daemon.config;

import java.time.Duration;

/**
 * {@code [history]}: how many records of builds are kept. A record goes when it is both older and
 * beyond the count.
 */
public record HistorySettings(Duration maxAge, int maxEntries) {
  /** Source: reference wire-control, section 7. */
  public static final HistorySettings DEFAULT = new HistorySettings(Duration.ofDays(2), 50);
}
