package dev.jbuild.llb;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is said about an op without being part of its digest. Source: {@code pb.OpMetadata}.
 *
 * @param description such as {@link #CUSTOM_NAME}
 * @param exportCache null when not said
 * @param caps capability ids the client used, each must be known
 */
public record OpMetadata(
    boolean ignoreCache,
    Map<String, String> description,
    @Nullable Boolean exportCache,
    Map<String, Boolean> caps,
    @Nullable ProgressGroup progressGroup,
    @Nullable LinuxResources linuxResources) {

  /** Description key: the name to show. */
  public static final String CUSTOM_NAME = "llb.customname";

  public static final OpMetadata NONE = new OpMetadata(false, Map.of(), null, Map.of(), null, null);

  public OpMetadata {
    description = Collections.unmodifiableMap(new TreeMap<>(description));
    caps = Collections.unmodifiableMap(new TreeMap<>(caps));
  }

  /** Only a display name. */
  public static OpMetadata named(String name) {
    return new OpMetadata(false, Map.of(CUSTOM_NAME, name), null, Map.of(), null, null);
  }

  /** Vertices shown as one line. */
  public record ProgressGroup(String id, String name, boolean weak) {}

  /** Limits of a step; 0 or empty is unset. */
  public record LinuxResources(
      long memoryBytes,
      long memorySwapBytes,
      long cpuShares,
      long cpuPeriodMicros,
      long cpuQuotaMicros,
      String cpusetCpus,
      String cpusetMems) {}
}
