package dev.jbuild.llb;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long a step's process may take, and how often it is tried again when it fails. Ours: carried
 * in the description of an op, and so no part of its digest, as it changes no result. Builders of
 * others do not look at it.
 *
 * @param timeout of each attempt, or zero for no limit
 * @param retries 0 to {@value #MAX_RETRIES}, after the first attempt
 * @param delay before each further attempt
 */
public record Attempts(Duration timeout, int retries, Duration delay) {
  public static final int MAX_RETRIES = 100;

  /** Of both durations. */
  public static final Duration LONGEST = Duration.ofDays(7);

  /** No limit, one attempt. */
  public static final Attempts ONE = new Attempts(Duration.ZERO, 0, Duration.ZERO);

  private static final String TIMEOUT = "dev.jbuild.timeout";
  private static final String RETRIES = "dev.jbuild.retries";
  private static final String DELAY = "dev.jbuild.retry-delay";

  public Attempts {
    if (isBad(timeout) || isBad(delay) || retries < 0 || retries > MAX_RETRIES) {
      throw new IllegalArgumentException(
          "attempts out of range: timeout "
              + timeout
              + ", retries "
              + retries
              + ", delay "
              + delay);
    }
  }

  private static boolean isBad(Duration duration) {
    return duration.isNegative() || duration.compareTo(LONGEST) > 0;
  }

  /** Whether a limit is set. */
  public boolean limited() {
    return !timeout.isZero();
  }

  /** The same as a description; empty for {@link #ONE}. */
  public Map<String, String> described() {
    var described = new TreeMap<String, String>();
    if (limited()) {
      described.put(TIMEOUT, timeout.toString());
    }
    if (retries > 0) {
      described.put(RETRIES, Integer.toString(retries));
      described.put(DELAY, delay.toString());
    }
    return described;
  }

  /**
   * What a description says.
   *
   * @throws IllegalArgumentException when it says something that can not be
   */
  public static Attempts of(Map<String, String> description) {
    try {
      return new Attempts(
          Duration.parse(description.getOrDefault(TIMEOUT, "PT0S")),
          Integer.parseInt(description.getOrDefault(RETRIES, "0")),
          Duration.parse(description.getOrDefault(DELAY, "PT0S")));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("no duration: '" + e.getParsedString() + "'", e);
    }
  }
}
