package dev.jbuild.solver.llb;

import dev.jbuild.llb.Entitlement;
import java.util.Set;

/**
 * What of its grants the daemon gives to one client.
 *
 * @param client who that is, for its user: {@code the user 'ci'}
 */
public record ClientLimit(String client, Set<Entitlement> grants) {
  public ClientLimit {
    grants = Set.copyOf(grants);
  }
}
