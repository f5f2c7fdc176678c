package dev.jbuild.daemon.build;

import dev.jbuild.llb.Entitlement;
import dev.jbuild.session.Session;
import java.util.Set;

/**
 * What belongs to one build and is needed to load its graphs.
 *
 * @param grants that both the daemon and the request gave
 */
public record BuildScope(String ref, Session session, Set<Entitlement> grants) {
  public BuildScope {
    grants = Set.copyOf(grants);
  }
}
