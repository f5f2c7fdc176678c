package dev.jbuild.solver.llb;

import dev.jbuild.error.Detail.Side;
import dev.jbuild.llb.Entitlement;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who grants what; a step gets what both do.
 *
 * @param daemon by the daemon's configuration
 * @param request by the client, for this build
 * @param limit of what the daemon grants this client, null for none
 */
public record Grants(
    Set<Entitlement> daemon, Set<Entitlement> request, @Nullable ClientLimit limit) {
  public static final Grants NONE = new Grants(Set.of(), Set.of());

  public Grants {
    daemon = Set.copyOf(daemon);
    request = Set.copyOf(request);
  }

  /** For a client that may have all that the daemon grants. */
  public Grants(Set<Entitlement> daemon, Set<Entitlement> request) {
    this(daemon, request, null);
  }

  /** Those who do not grant it. */
  Set<Side> missing(Entitlement needed) {
    var missing = EnumSet.noneOf(Side.class);
    if (!covers(request, needed)) {
      missing.add(Side.REQUEST);
    }
    if (!covers(daemon, needed) || !withinLimit(needed)) {
      missing.add(Side.DAEMON);
    }
    return missing;
  }

  /** The client that lacks what the daemon grants to others; null if that is not the reason. */
  @Nullable String clientWithout(Entitlement needed) {
    return limit != null && covers(daemon, needed) && !withinLimit(needed) ? limit.client() : null;
  }

  private boolean withinLimit(Entitlement needed) {
    return limit == null || covers(limit.grants(), needed);
  }

  /** A grant of devices without a name covers each of them. */
  private static boolean covers(Set<Entitlement> granted, Entitlement needed) {
    return switch (needed) {
      case Entitlement.NetworkHost network -> granted.contains(network);
      case Entitlement.NetworkHostPorts wanted ->
          granted.contains(new Entitlement.NetworkHost())
              || granted.stream()
                  .anyMatch(
                      own ->
                          own instanceof Entitlement.NetworkHostPorts ports
                              && ports.ports().covers(wanted.ports()));
      case Entitlement.SecurityInsecure insecure -> granted.contains(insecure);
      case Entitlement.Device device ->
          granted.contains(device) || granted.contains(new Entitlement.Device(""));
    };
  }
}
