package dev.jbuild.network.bridge;

import dev.jbuild.netplan.EgressRules;

/**
 * What steps are kept from beyond the host.
 *
 * @param membersMeet whether steps reach one another ({@code icc})
 * @param blockPrivate whether private ranges outside are refused
 * @param ceiling egress rules that hold for every step, beside those of its build
 */
public record Isolation(boolean membersMeet, boolean blockPrivate, EgressRules ceiling) {

  /** Steps are apart, the outside is open. */
  public static final Isolation USUAL = new Isolation(false, false, EgressRules.NONE);
}
