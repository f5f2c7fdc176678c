package dev.jbuild.solver.llb;

import dev.jbuild.error.Detail.Side;
import dev.jbuild.llb.Entitlement;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who grants what; a step gets what both do.
 *
 * @param daemon by the daemon's configuration
 * @param request by the client, for this build
 */
public record Grants(Set<Entitlement> daemon, Set<Entitlement> request) {
  public static final Grants NONE = new Grants(Set.of(), Set.of());

  public Grants {
    daemon = Set.copyOf(daemon);
    request = Set.copyOf(request);
  }

  /** Those who do not grant it. */
  Set<Side> missing(Entitlement needed) {
    var missing = EnumSet.noneOf(Side.class);
    if (!covers(request, needed)) {
      missing.add(Side.REQUEST);
    }
    if (!covers(daemon, needed)) {
      missing.add(Side.DAEMON);
    }
    return missing;
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
