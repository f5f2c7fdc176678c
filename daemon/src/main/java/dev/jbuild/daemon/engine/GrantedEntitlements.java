package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.GrantCheck;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.llb.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;

/**
 * The check at Solve: a request may ask only for what the daemon grants.
 *
 * @param daemon what the configuration grants
 */
record GrantedEntitlements(Set<Entitlement> daemon) implements GrantCheck {
  GrantedEntitlements {
    daemon = Set.copyOf(daemon);
  }

  @Override
  public Set<Entitlement> check(SortedSet<String> requested) {
    Set<Entitlement> wanted = new HashSet<>();
    var needs = new ArrayList<EntitlementPolicy.Need>();
    for (String id : requested) {
      Entitlement entitlement = Entitlement.parse(id);
      if (wanted.add(entitlement)) {
        needs.add(new EntitlementPolicy.Need(entitlement, Place.request()));
      }
    }
    new EntitlementPolicy(new Grants(daemon, wanted)).require(needs);
    return wanted;
  }
}
