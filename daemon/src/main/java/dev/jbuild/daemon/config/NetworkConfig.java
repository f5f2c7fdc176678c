package dev.jbuild.daemon.config;

import dev.jbuild.netplan.EgressRules;
import org.jspecify.annotations.Nullable;

/**
 * {@code [network]}: the isolated network of steps.
 *
 * @param poolSize namespaces kept ready, 0 for none, null when not said
 * @param bridgeName empty for one derived from the state directory
 * @param subnet IPv4, {@code 10.89.0.0/16}; empty for the first that no route of the host uses
 * @param ipv6 whether steps have IPv6 beside IPv4
 * @param mtu of the steps' links in bytes; 0 for the uplink's
 * @param icc whether steps reach one another
 * @param blockPrivate whether private ranges outside are refused
 * @param egress the ceiling: what no build may reach, whatever its own rules
 */
public record NetworkConfig(
    @Nullable Integer poolSize,
    String bridgeName,
    String subnet,
    Ipv6 ipv6,
    int mtu,
    boolean icc,
    boolean blockPrivate,
    EgressRules egress) {

  /** Nothing is said. */
  public static final NetworkConfig DEFAULT =
      new NetworkConfig(null, "", "", Ipv6.AUTO, 0, false, false, EgressRules.NONE);

  /** When steps have IPv6. */
  public enum Ipv6 {
    /** When the host has an IPv6 default route. */
    AUTO,
    ON,
    OFF
  }

  /** The pool's size, or another one when it is not said. */
  public int poolSizeOr(int usual) {
    return poolSize == null ? usual : poolSize;
  }

  NetworkConfig withPoolSize(int size) {
    return new NetworkConfig(size, bridgeName, subnet, ipv6, mtu, icc, blockPrivate, egress);
  }
}
