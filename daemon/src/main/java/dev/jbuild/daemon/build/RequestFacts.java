package dev.jbuild.daemon.build;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a request says about itself beyond what the build needs: kept for the build's record, or
 * shown.
 *
 * @param frontend or empty
 * @param attrs of the frontend by wire name, as they came: secrets and all
 * @param internal whether the client wants no record of the build
 * @param skipped what was asked for and the build goes on without
 */
public record RequestFacts(
    String frontend, Map<String, String> attrs, boolean internal, List<Skipped> skipped) {
  /** Of a request that nobody keeps. */
  public static final RequestFacts INTERNAL = new RequestFacts("", Map.of(), true, List.of());

  /** Something that is not done, and why. */
  public record Skipped(String name, String why) {}

  public RequestFacts {
    attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    skipped = List.copyOf(skipped);
  }
}
