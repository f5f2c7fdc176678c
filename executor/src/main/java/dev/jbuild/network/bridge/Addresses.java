package dev.jbuild.network.bridge;

import java.util.ArrayList;
import java.util.List;

/**
 * Which addresses steps have, and how many namespaces there are.
 *
 * @param subnets tried in this order; the first that no route of the host touches is taken
 * @param ipv6 whether steps have IPv6 beside
 * @param maxOpen steps that may have an address at once; a Linux bridge ends at 1023 ports
 * @param poolSize namespaces kept ready, 0 for none
 */
public record Addresses(List<Subnet> subnets, Ipv6 ipv6, int maxOpen, int poolSize) {
  private static final int USUAL_MAX_OPEN = 1000;
  private static final int MAX_PORTS = 1023;
  private static final int USUAL_POOL_SIZE = 8;

  /** Whether steps have IPv6. */
  public enum Ipv6 {
    /** Where the host has an IPv6 default route. */
    AUTO,
    /** Always; a failure where the kernel has none. */
    ON,
    OFF
  }

  public Addresses {
    subnets = List.copyOf(subnets);
    if (subnets.isEmpty() || maxOpen < 1 || maxOpen > MAX_PORTS) {
      throw new IllegalArgumentException(
          "bridge network: want subnets and 1 to 1023 steps at once, got "
              + subnets
              + " and "
              + maxOpen);
    }
    if (poolSize < 0 || poolSize > maxOpen) {
      throw new IllegalArgumentException(
          "bridge network: want a pool of 0 to " + maxOpen + " namespaces, got " + poolSize);
    }
  }

  /** What is used where nothing is configured. */
  public static Addresses usual() {
    var subnets = new ArrayList<Subnet>();
    for (int second = 89; second <= 99; second++) {
      subnets.add(Subnet.parse("10." + second + ".0.0/16"));
    }
    for (int second = 31; second >= 20; second--) {
      subnets.add(Subnet.parse("172." + second + ".0.0/16"));
    }
    for (int third = 224; third <= 240; third += 16) {
      subnets.add(Subnet.parse("192.168." + third + ".0/20"));
    }
    return new Addresses(subnets, Ipv6.AUTO, USUAL_MAX_OPEN, USUAL_POOL_SIZE);
  }

  /** With a subnet that must be free. */
  public Addresses within(Subnet subnet) {
    return new Addresses(List.of(subnet), ipv6, maxOpen, poolSize);
  }

  /** With another decision about IPv6. */
  public Addresses with(Ipv6 decision) {
    return new Addresses(subnets, decision, maxOpen, poolSize);
  }

  /** With another number of namespaces kept ready. */
  public Addresses pooling(int namespaces) {
    return new Addresses(subnets, ipv6, maxOpen, namespaces);
  }
}
