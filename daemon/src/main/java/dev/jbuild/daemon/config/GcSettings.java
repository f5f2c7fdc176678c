package dev.jbuild.daemon.config;

import java.time.Duration;
import java.util.List;

/**
 * When the cache is collected: keys {@code gc}, {@code reservedSpace}, {@code maxUsedSpace}, {@code
 * minFreeSpace} and {@code [[gcpolicy]]} of {@code [worker.oci]}. Source: buildkitd.toml reference.
 *
 * @param enabled whether it is collected without being asked
 * @param space limits for the whole cache where no policy is given
 * @param policies applied in order; empty for those that follow from {@code space}
 */
public record GcSettings(boolean enabled, Space space, List<Policy> policies) {
  /** Collect, by limits that are not said. */
  public static final GcSettings DEFAULT = new GcSettings(true, Space.NONE, List.of());

  public GcSettings {
    policies = List.copyOf(policies);
  }

  /**
   * Limits; what is not said is {@link DiskSpace#NONE}.
   *
   * @param reserved is never collected below
   * @param maxUsed is collected down to
   * @param minFree of the disk is what collecting tries to leave
   */
  public record Space(DiskSpace reserved, DiskSpace maxUsed, DiskSpace minFree) {
    public static final Space NONE = new Space(DiskSpace.NONE, DiskSpace.NONE, DiskSpace.NONE);
  }

  /**
   * One {@code [[gcpolicy]]}.
   *
   * @param all also what is internal, of frontends, or shared
   * @param keep what was used more recently stays; zero for no such limit
   * @param filters containerd's syntax, {@code type==source.local}; any may match; empty for all
   */
  public record Policy(boolean all, Duration keep, List<String> filters, Space space) {
    public Policy {
      filters = List.copyOf(filters);
    }
  }
}
