package dev.jbuild.netplan;

import java.util.List;

/**
 * What a build asks for beyond the mode of each step's network.
 *
 * @param dns resolvers and names
 * @param egress what steps may reach
 * @param hostPorts ports of the host that isolated steps reach at {@code localhost}; granted by
 *     both sides
 */
public record NetworkPlan(DnsSettings dns, EgressRules egress, List<HostPorts> hostPorts) {

  /** Nothing is asked for. */
  public static final NetworkPlan NONE =
      new NetworkPlan(DnsSettings.NONE, EgressRules.NONE, List.of());

  public NetworkPlan {
    hostPorts = List.copyOf(hostPorts);
  }
}
