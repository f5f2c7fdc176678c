package dev.jbuild.network.bridge;

/**
 * What steps are kept from beyond the host.
 *
 * @param membersMeet whether steps reach one another ({@code icc})
 * @param blockPrivate whether private ranges outside are refused
 */
public record Isolation(boolean membersMeet, boolean blockPrivate) {

  /** Steps are apart, private ranges are open. */
  public static final Isolation USUAL = new Isolation(false, false);
}
