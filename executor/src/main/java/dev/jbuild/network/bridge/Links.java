package dev.jbuild.network.bridge;

import java.util.regex.Pattern;

/**
 * How the links look.
 *
 * @param bridgeName of the Linux bridge, 1 to 15 characters, or empty for one made of the root's
 *     digest
 * @param mtu in bytes, or 0 for that of the uplink
 */
public record Links(String bridgeName, int mtu) {

  /** Name by the root, MTU by the uplink. */
  public static final Links USUAL = new Links("", 0);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,15}");
  private static final int MIN_MTU = 576;
  private static final int MAX_MTU = 65_535;

  public Links {
    if (!bridgeName.isEmpty()
        && (!NAME.matcher(bridgeName).matches() || bridgeName.matches("\\.\\.?"))) {
      throw new IllegalArgumentException(
          "bridge network: want a bridge name of 1 to 15 letters, digits and '_.-', got '"
              + bridgeName
              + "'");
    }
    if (mtu != 0 && (mtu < MIN_MTU || mtu > MAX_MTU)) {
      throw new IllegalArgumentException(
          "bridge network: want an MTU of 576 to 65535, or 0 for that of the uplink, got " + mtu);
    }
  }
}
