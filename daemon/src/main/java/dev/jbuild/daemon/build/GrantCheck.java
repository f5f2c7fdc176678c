package dev.jbuild.daemon.build;

import dev.jbuild.llb.Entitlement;
import java.util.Set;
import java.util.SortedSet;

/** Decides at Solve what a request may grant. */
public interface GrantCheck {

  /**
   * What the build has: all that the request asks for.
   *
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED when the daemon does not grant one of
   *     them, INVALID when one is not known
   */
  Set<Entitlement> check(SortedSet<String> requested);
}
