package dev.jbuild.oci;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a container's health is asked for; a Docker extension of the image config.
 *
 * @param test empty to inherit; else its first entry is {@code NONE}, {@code CMD} or {@code
 *     CMD-SHELL}
 * @param interval zero for the default, as all durations here
 * @param retries 0 for the default
 * @param unknown keys that jbuild does not know, kept
 */
public record Healthcheck(
    List<String> test,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    int retries,
    Map<String, RawJson> unknown) {

  /** {@code HEALTHCHECK NONE}. */
  public static final Healthcheck NONE =
      new Healthcheck(
          List.of("NONE"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);

  public Healthcheck {
    test = List.copyOf(test);
    unknown = Collections.unmodifiableMap(new TreeMap<>(unknown));
  }

  public Healthcheck(
      List<String> test,
      Duration interval,
      Duration timeout,
      Duration startPeriod,
      Duration startInterval,
      int retries) {
    this(test, interval, timeout, startPeriod, startInterval, retries, Map.of());
  }
}
