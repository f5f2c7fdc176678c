package dev.jbuild.network.bridge;

import org.jspecify.annotations.Nullable;

/**
 * The rules of the bridge network as text for {@code nft -f}: static, one table of our own. What
 * belongs to a step are elements of its sets and maps, added and removed by netlink:
 *
 * <ul>
 *   <li>{@code steps4}, {@code steps6}: hardware address and address of each namespace;
 *   <li>{@code dns_port}: the port our resolver listens on at the gateway, by protocol;
 *   <li>{@code host_ports} (address of a step, protocol, port) and {@code host_port_to} (the same,
 *       to an IPv4 address of the host): granted ports of the host, reached at the gateway;
 *   <li>{@code policy4}, {@code policy6}: by a step's address, {@code goto} its egress rules.
 * </ul>
 *
 * <p>Refusals go through {@code refuse_host}, {@code refuse_step}, {@code refuse_metadata}, {@code
 * refuse_private}, which log with the prefix {@code jb <why>} and then reject. The chain {@code
 * ceiling} is empty until somebody fills it; it returns for what is allowed.
 *
 * @param table name of the table, family {@code inet}
 * @param bridge name of the bridge
 * @param subnet what steps have
 * @param subnet6 what steps have beside, or null for IPv4 alone
 * @param logGroup number of the NFLOG group
 * @param isolation what is refused
 */
record Ruleset(
    String table,
    String bridge,
    Subnet subnet,
    @Nullable Subnet6 subnet6,
    int logGroup,
    Isolation isolation) {

  /**
   * Link-local addresses, with the metadata services of most clouds, and the ones that lie
   * elsewhere: Alibaba's, Azure's, Oracle's older one.
   */
  private static final String METADATA4 =
      "169.254.0.0/16, 100.100.100.200, 168.63.129.16, 192.0.0.192";

  /** The same: link-local, Amazon's, Google's. */
  private static final String METADATA6 = "fe80::/10, fd00:ec2::254, fd20:ce::254";

  private static final String PRIVATE4 = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10";
  private static final String PRIVATE6 = "fc00::/7";

  /** Replaces the table in one transaction, whatever it was before. */
  String install() {
    String text =
        "table inet TABLE\ndelete table inet TABLE\ntable inet TABLE {\n"
            + sets()
            + refusals()
            + arriving()
            + (subnet6 == null ? "" : arriving6())
            + local()
            + passing()
            + translating()
            + (isolation.membersMeet() ? meeting() : "")
            + "}\n";
    String kept = keep(text, "APART ", !isolation.membersMeet());
    kept = keep(kept, "MEET ", isolation.membersMeet());
    kept = keep(kept, "PRIVATE ", isolation.blockPrivate());
    kept = keep(kept, "IPV6 ", subnet6 != null);
    return kept.replace("TABLE", table)
        .replace("BRIDGE", bridge)
        .replace("GATEWAY4", subnet.gateway().getHostAddress())
        .replace("SUBNET4", subnet.toString())
        .replace("GATEWAY6", subnet6 == null ? "" : subnet6.gateway().getHostAddress())
        .replace("SUBNET6", subnet6 == null ? "" : subnet6.toString());
  }

  /** Keeps lines that start with a mark, without it, or drops them. */
  private static String keep(String text, String mark, boolean wanted) {
    var kept = new StringBuilder();
    for (String line : text.lines().toList()) {
      boolean marked = line.stripLeading().startsWith(mark);
      if (wanted || !marked) {
        kept.append(marked ? line.replace(mark, "") : line).append('\n');
      }
    }
    return kept.toString();
  }

  private static String sets() {
    return """
      set steps4 { type ether_addr . ipv4_addr; }
      set steps6 { type ether_addr . ipv6_addr; }
      map dns_port { type inet_proto : inet_service; }
      set host_ports { type ipv4_addr . inet_proto . inet_service; flags interval; }
      map host_port_to { type ipv4_addr . inet_proto . inet_service : ipv4_addr; flags interval; }
      map policy4 { type ipv4_addr : verdict; }
      map policy6 { type ipv6_addr : verdict; }
      set metadata4 { type ipv4_addr; flags interval; elements = { METADATA4 }; }
      set special4 { type ipv4_addr; flags interval; auto-merge; elements = { SUBNET4, METADATA4 }; }
      set metadata6 { type ipv6_addr; flags interval; elements = { METADATA6 }; }
      set private4 { type ipv4_addr; flags interval; elements = { PRIVATE4 }; }
      set private6 { type ipv6_addr; flags interval; elements = { PRIVATE6 }; }
    """
        .replace("METADATA4", METADATA4)
        .replace("METADATA6", METADATA6)
        .replace("PRIVATE4", PRIVATE4)
        .replace("PRIVATE6", PRIVATE6);
  }

  /** Fails at once instead of timing out. What is logged is bounded, what is refused is not. */
  private String refusals() {
    var text = new StringBuilder();
    text.append(
        """
          chain refuse {
            meta l4proto tcp reject with tcp reset
            reject with icmpx type admin-prohibited
          }
        """);
    for (String why : new String[] {"host", "step", "metadata", "private"}) {
      text.append(refusal("refuse_" + why, why, logGroup));
    }
    return text.toString();
  }

  /**
   * A chain that logs a refusal and rejects, also for egress rules.
   *
   * @param why follows {@code jb } in the log's prefix
   */
  static String refusal(String chain, String why, int logGroup) {
    return """
      chain CHAIN {
        limit rate 100/second burst 200 packets log prefix "jb WHY" group GROUP snaplen 128
        goto refuse
      }
    """
        .replace("CHAIN", chain)
        .replace("WHY", why)
        .replace("GROUP", Integer.toString(logGroup));
  }

  /**
   * Before anybody's DNAT: a port that the host forwards is the host's, too. Nothing here looks at
   * connections that were open before: an address may have belonged to another step. So every
   * packet of a step comes by here: what most are not, one look-up finds out.
   */
  private static String arriving() {
    return """
      # The resolver, and granted ports.
      chain asking {
        meta l4proto { tcp, udp } th dport 53 accept
        ip saddr . meta l4proto . th dport @host_ports accept
        goto refuse_host
      }

      chain special {
        ip daddr GATEWAY4 goto asking
        ip daddr @metadata4 goto refuse_metadata
        APART ip daddr SUBNET4 goto refuse_step
      }

      chain arriving {
        type filter hook prerouting priority mangle; policy accept;
        iifname != "BRIDGE" accept
        IPV6 meta nfproto ipv6 goto arriving6
        meta nfproto != ipv4 drop
        ether saddr . ip saddr != @steps4 drop
        ct state established,related ct direction reply accept
        ip daddr @special4 jump special
        fib daddr type vmap { local : goto refuse_host, broadcast : goto refuse_host, anycast : goto refuse_host, multicast : drop }
      }
    """;
  }

  private static String arriving6() {
    return """
      chain arriving6 {
        ether saddr . ip6 saddr != @steps6 drop
        ct state established,related ct direction reply accept
        ip6 daddr GATEWAY6 meta l4proto { tcp, udp } th dport 53 accept
        fib daddr type vmap { local : goto refuse_host, anycast : goto refuse_host, multicast : drop }
        ip6 daddr @metadata6 goto refuse_metadata
        APART ip6 daddr SUBNET6 goto refuse_step
      }
    """;
  }

  /**
   * The host's own addresses, the daemon's ports and the gateway. Answers may pass, and what was
   * sent on from the gateway: {@code arriving} let only the resolver's and granted ports through.
   */
  private static String local() {
    return """
      chain local {
        type filter hook input priority filter; policy accept;
        iifname != "BRIDGE" accept
        ct state established,related ct direction reply accept
        ct status dnat ct original ip daddr GATEWAY4 accept
        IPV6 ct status dnat ct original ip6 daddr GATEWAY6 accept
        goto refuse_host
      }
    """;
  }

  /** Neither other steps nor the outside open connections to a step. */
  private static String passing() {
    return """
      chain passing {
        type filter hook forward priority filter; policy accept;
        iifname "BRIDGE" jump from_step
        oifname "BRIDGE" jump to_step
      }

      chain to_step {
        MEET iifname "BRIDGE" accept
        APART iifname "BRIDGE" goto refuse_step
        ct state established,related accept
        goto refuse
      }

      chain ceiling {
      }

      chain from_step {
        ct state established,related accept
        ip daddr @metadata4 goto refuse_metadata
        IPV6 ip6 daddr @metadata6 goto refuse_metadata
        PRIVATE oifname != "BRIDGE" ip daddr @private4 goto refuse_private
        PRIVATE oifname != "BRIDGE" ip6 daddr @private6 goto refuse_private
        jump ceiling
        ip saddr vmap @policy4
        IPV6 ip6 saddr vmap @policy6
      }
    """;
  }

  /** Addresses and ports that are changed on the way. */
  private static String translating() {
    return """
      chain directing {
        type nat hook prerouting priority dstnat; policy accept;
        iifname != "BRIDGE" accept
        ip daddr GATEWAY4 meta l4proto { tcp, udp } th dport 53 redirect to :meta l4proto map @dns_port
        IPV6 ip6 daddr GATEWAY6 meta l4proto { tcp, udp } th dport 53 redirect to :meta l4proto map @dns_port
        ip daddr GATEWAY4 dnat ip to ip saddr . meta l4proto . th dport map @host_port_to
      }

      # A service at the host's loopback sees a peer at the loopback.
      chain answering {
        type nat hook input priority 100; policy accept;
        iifname "BRIDGE" ip daddr 127.0.0.0/8 snat ip to 127.0.0.1
      }

      chain leaving {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr SUBNET4 oifname != "BRIDGE" masquerade
        IPV6 ip6 saddr SUBNET6 oifname != "BRIDGE" masquerade
      }
    """;
  }

  /** Steps meet at the gateway; the host must not tell them to talk on the link itself. */
  private static String meeting() {
    return """
      chain advising {
        type filter hook output priority filter; policy accept;
        oifname != "BRIDGE" accept
        icmp type redirect drop
        icmpv6 type nd-redirect drop
      }
    """;
  }

  /** Removes a table, also where there is none. */
  static String remove(String table) {
    return "table inet " + table + "\ndelete table inet " + table + "\n";
  }
}
