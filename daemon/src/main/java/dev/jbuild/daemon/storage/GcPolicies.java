package dev.jbuild.daemon.storage;

import dev.jbuild.daemon.config.GcSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The rules that a configuration means. Source: buildkitd.toml reference, {@code gcpolicy}. */
public final class GcPolicies {
  private static final long MEBIBYTE = 1L << 20;
  private static final long GIGABYTE = 1_000_000_000L;
  private static final long EPHEMERAL_BYTES = 512 * MEBIBYTE;
  private static final Duration EPHEMERAL = Duration.ofDays(2);
  private static final Duration OLD = Duration.ofDays(60);
  private static final List<String> CHEAP =
      List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout");

  private GcPolicies() {}

  /**
   * The rules, in their order; none when nothing is to be collected without being asked.
   *
   * @param diskBytes size of the disk with the state directory
   */
  public static List<GcPolicy> of(GcSettings settings, long diskBytes) {
    if (!settings.enabled()) {
      return List.of();
    }
    var rules = new ArrayList<GcPolicy>();
    for (GcSettings.Policy policy : settings.policies()) {
      GcSettings.Space space = policy.space();
      rules.add(
          new GcPolicy(
              policy.all(),
              policy.keep(),
              policy.filters(),
              space.reserved().of(diskBytes),
              space.maxUsed().of(diskBytes),
              space.minFree().of(diskBytes)));
    }
    return rules.isEmpty() ? usual(settings.space(), diskBytes) : List.copyOf(rules);
  }

  /** What is cheap to have again goes first, then what is old, then what there is no room for. */
  private static List<GcPolicy> usual(GcSettings.Space space, long diskBytes) {
    boolean given = space.reserved().given() || space.maxUsed().given() || space.minFree().given();
    long reserved = space.reserved().of(diskBytes);
    long maxUsed = space.maxUsed().of(diskBytes);
    long minFree = space.minFree().of(diskBytes);
    if (!given) {
      reserved = Math.min(diskBytes / 10, 10 * GIGABYTE);
      maxUsed = Math.min(diskBytes / 10 * 6, 100 * GIGABYTE);
      minFree = diskBytes / 5;
    }
    return List.of(
        new GcPolicy(false, EPHEMERAL, CHEAP, 0, EPHEMERAL_BYTES, 0),
        new GcPolicy(false, OLD, List.of(), reserved, maxUsed, minFree),
        new GcPolicy(false, Duration.ZERO, List.of(), reserved, maxUsed, minFree),
        new GcPolicy(true, Duration.ZERO, List.of(), reserved, maxUsed, minFree));
  }
}
