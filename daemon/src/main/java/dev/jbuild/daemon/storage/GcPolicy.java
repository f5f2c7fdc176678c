package dev.jbuild.daemon.storage;

import java.time.Duration;
import java.util.List;

/**
 * What may be collected, and how far. Source: reference wire-control, section 8.
 *
 * @param all also what is internal, of frontends, or shared
 * @param keep what was used more recently stays; zero for no such limit
 * @param filters in containerd's syntax, any may match; empty for everything
 * @param reservedBytes is never collected below; 0 for nothing
 * @param maxUsedBytes is collected down to; 0 for no limit
 * @param minFreeBytes of the disk is what collecting tries to leave; 0 for no limit
 */
public record GcPolicy(
    boolean all,
    Duration keep,
    List<String> filters,
    long reservedBytes,
    long maxUsedBytes,
    long minFreeBytes) {

  public GcPolicy {
    filters = List.copyOf(filters);
    if (keep.isNegative() || reservedBytes < 0 || maxUsedBytes < 0 || minFreeBytes < 0) {
      throw new IllegalArgumentException("gc policy: no value may be negative");
    }
  }

  /** Whether it goes by room: else all that matches goes. */
  boolean limited() {
    return reservedBytes > 0 || maxUsedBytes > 0 || minFreeBytes > 0;
  }
}
