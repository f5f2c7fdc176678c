package dev.jbuild.daemon.api;

import dev.jbuild.daemon.storage.GcPolicy;
import dev.jbuild.oci.Platform;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What clients are told of the daemon. Source: reference wire-control, section 6.
 *
 * @param id stable over restarts
 * @param labels for display
 * @param platforms the default first; never empty
 * @param version of BuildKit's API first, as a semantic version: some clients compare it
 * @param policies by which the cache is collected; empty when it is not
 */
public record WorkerInfo(
    String id,
    Map<String, String> labels,
    List<Platform> platforms,
    String version,
    List<GcPolicy> policies) {
  public WorkerInfo {
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    platforms = List.copyOf(platforms);
    policies = List.copyOf(policies);
  }
}
