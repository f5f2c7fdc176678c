package dev.jbuild.network.bridge;

import java.net.Inet4Address;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rules of the bridge network as text for {@code nft -f}: static, one table of our own, nothing
 * per step.
 *
 * @param table name of the table, family {@code inet}
 * @param bridge name of the bridge
 * @param subnet what steps have
 * @param resolvers the host's, of which those at refused addresses may be asked for names
 */
record Ruleset(String table, String bridge, Subnet subnet, List<Inet4Address> resolvers) {

  /**
   * Link-local addresses, with the metadata services of most clouds, and the ones that lie
   * elsewhere: Alibaba's, Azure's, Oracle's older one.
   */
  private static final String REFUSED =
      "169.254.0.0/16, 100.100.100.200, 168.63.129.16, 192.0.0.192";

  /** Replaces the table in one transaction, whatever it was before. */
  String install() {
    return """
        table inet TABLE
        delete table inet TABLE
        table inet TABLE {
          set refused {
            type ipv4_addr
            flags interval
            elements = { REFUSED }
          }

          # Fails at once instead of timing out.
          chain refuse {
            meta l4proto tcp reject with tcp reset
            reject with icmpx type admin-prohibited
          }

          # Before anybody's DNAT: a port that the host forwards is the host's, too.
          chain arriving {
            type filter hook prerouting priority mangle; policy accept;
            iifname != "BRIDGE" accept
            meta nfproto ipv6 drop
            ip saddr GATEWAY drop
            ip saddr != SUBNET drop
            ct state established,related ct direction reply accept
            fib daddr type != unicast jump refuse
            ip daddr SUBNET jump refuse
          }

          # The host's own addresses, the daemon's ports and the gateway. Answers may pass.
          chain local {
            type filter hook input priority filter; policy accept;
            iifname != "BRIDGE" accept
            ct state established,related ct direction reply accept
            jump refuse
          }

          chain passing {
            type filter hook forward priority filter; policy accept;
            oifname "BRIDGE" jump to_step
            iifname "BRIDGE" jump from_step
          }

          # Only answers: neither other steps nor the outside open connections to a step.
          chain to_step {
            iifname "BRIDGE" jump refuse
            ct state established,related accept
            jump refuse
          }

          chain from_step {
        RESOLVERS    ip daddr @refused jump refuse
          }

          chain leaving {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr SUBNET oifname != "BRIDGE" masquerade
          }
        }
        """
        .replace("TABLE", table)
        .replace("BRIDGE", bridge)
        .replace("REFUSED", REFUSED)
        .replace("GATEWAY", subnet.gateway().getHostAddress())
        .replace("SUBNET", subnet.toString())
        .replace("RESOLVERS", resolverRule());
  }

  private String resolverRule() {
    if (resolvers.isEmpty()) {
      return "";
    }
    String addresses =
        resolvers.stream().map(Inet4Address::getHostAddress).collect(Collectors.joining(", "));
    return "    ip daddr { " + addresses + " } meta l4proto { tcp, udp } th dport 53 accept\n";
  }

  /** Removes a table, also where there is none. */
  static String remove(String table) {
    return "table inet " + table + "\ndelete table inet " + table + "\n";
  }
}
