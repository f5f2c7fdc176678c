package dev.jbuild.daemon.build;

import dev.jbuild.llb.Entitlement;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.EntitlementPolicy.Need;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.llb.Place;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** The first of the three checks of entitlements: what a request may grant at all. */
final class RequestGrants {
  private RequestGrants() {}

  /**
   * The policy of a build.
   *
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED when the daemon does not grant all
   *     that is requested, INVALID when one is not known
   */
  static EntitlementPolicy policy(Set<Entitlement> daemon, BuildRequest request) {
    var requested = new LinkedHashSet<Entitlement>();
    for (String id : request.entitlements()) {
      requested.add(Entitlement.parse(id));
    }
    var policy = new EntitlementPolicy(new Grants(daemon, requested, request.limit()));
    var needs = new ArrayList<Need>();
    requested.forEach(entitlement -> needs.add(new Need(entitlement, Place.request())));
    policy.require(needs);
    return policy;
  }

  /** The build's network, with the ports of the host that were granted. */
  static NetworkPlan network(BuildRequest request) {
    var ports = new ArrayList<HostPorts>();
    for (String id : request.entitlements()) {
      if (Entitlement.parse(id) instanceof Entitlement.NetworkHostPorts granted) {
        ports.add(granted.ports());
      }
    }
    var asked = request.network();
    return new NetworkPlan(asked.dns(), asked.egress(), ports);
  }
}
