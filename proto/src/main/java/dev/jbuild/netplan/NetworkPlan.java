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

  /** The options of frontends that say so; the daemon heeds them, whichever frontend is asked. */
  public static final List<String> OPTIONS = List.of("egress", "dns", "dns-search", "dns-option");

  /**
   * Stands in the option {@code frontend.caps} beside any of them: daemons that do not heed them
   * refuse what they do not know there, and run nothing that reaches more than it shall.
   */
  public static final String CAPABILITY = "dev.jbuild.network";

  /** Nothing is asked for. */
  public static final NetworkPlan NONE =
      new NetworkPlan(DnsSettings.NONE, EgressRules.NONE, List.of());

  public NetworkPlan {
    hostPorts = List.copyOf(hostPorts);
  }
}
