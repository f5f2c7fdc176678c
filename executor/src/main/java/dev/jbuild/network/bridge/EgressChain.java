package dev.jbuild.network.bridge;

import dev.jbuild.netplan.EgressRule;
import dev.jbuild.netplan.EgressRule.Anyone;
import dev.jbuild.netplan.EgressRule.Name;
import dev.jbuild.netplan.EgressRule.Network;
import dev.jbuild.netplan.EgressRule.Protocol;
import dev.jbuild.netplan.EgressRules;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Egress rules as a chain of the packet filter, as text for {@code nft -f}. What is allowed returns
 * to where the chain was entered from; what is refused is logged with the prefix {@code jb
 * <why><rule>}, or {@code jb <why>end} where no rule fits, and rejected. A name rule has two sets,
 * for the addresses learnt of the name.
 *
 * @param table name of our table
 * @param chain name of the chain
 * @param mark what the names of its sets and of its chains for refusals begin with
 * @param why the log's prefix before the number of the rule: {@code e3.}
 * @param logGroup number of the NFLOG group
 * @param rules at least one
 */
record EgressChain(
    String table, String chain, String mark, String why, int logGroup, EgressRules rules) {

  /** Of one build's rules, or several builds' that have the same. */
  static EgressChain policy(String table, int number, int logGroup, EgressRules rules) {
    return new EgressChain(
        table, "policy_" + number, "p" + number, "e" + number + ".", logGroup, rules);
  }

  /** Of the configuration; the chain itself is always there. */
  static EgressChain ceiling(String table, int logGroup, EgressRules rules) {
    return new EgressChain(table, "ceiling", "c", "c.", logGroup, rules);
  }

  /** Makes the chain with its sets, or fills it where it is there and empty. */
  String install() {
    var text = new StringBuilder("table inet " + table + " {\n");
    for (int i = 0; i < rules.rules().size(); i++) {
      var rule = rules.rules().get(i);
      if (rule.target() instanceof Name) {
        text.append("  set %s { type ipv4_addr; flags timeout; }\n".formatted(set4(i)));
        text.append("  set %s { type ipv6_addr; flags timeout; }\n".formatted(set6(i)));
      }
      if (!rule.allow()) {
        text.append(Ruleset.refusal(refusalChain(String.valueOf(i)), why + i, logGroup));
      }
    }
    if (!rules.allowsRest()) {
      text.append(Ruleset.refusal(refusalChain("end"), why + "end", logGroup));
    }
    text.append("  chain ").append(chain).append(" {\n");
    for (int i = 0; i < rules.rules().size(); i++) {
      append(text, i);
    }
    if (!rules.allowsRest()) {
      text.append("    goto ").append(refusalChain("end")).append('\n');
    }
    return text.append("  }\n}\n").toString();
  }

  private void append(StringBuilder text, int index) {
    var rule = rules.rules().get(index);
    String verdict = rule.allow() ? "return" : "goto " + refusalChain(String.valueOf(index));
    for (String target : targets(rule.target(), index)) {
      text.append("    ").append(target).append(traffic(rule)).append(verdict).append('\n');
    }
  }

  private List<String> targets(EgressRule.Target target, int index) {
    return switch (target) {
      case Anyone anyone -> List.of("");
      case Network network -> List.of(network(network));
      case Name name ->
          List.of("ip daddr @%s ".formatted(set4(index)), "ip6 daddr @%s ".formatted(set6(index)));
    };
  }

  private static String network(Network network) {
    boolean ipv4 = network.base() instanceof Inet4Address;
    if (network.prefixLength() == 0) {
      return "meta nfproto " + (ipv4 ? "ipv4 " : "ipv6 ");
    }
    String base = network.base().getHostAddress();
    return "%s daddr %s/%d ".formatted(ipv4 ? "ip" : "ip6", base, network.prefixLength());
  }

  private static String traffic(EgressRule rule) {
    var protocol = rule.protocol();
    var ports = rule.ports();
    if (ports == null) {
      return protocol == null ? "" : "meta l4proto " + numbers(protocol) + " ";
    }
    return "meta l4proto %s th dport %s ".formatted(numbers(protocol), ports);
  }

  private static String numbers(@Nullable Protocol protocol) {
    return switch (protocol) {
      case null -> "{ tcp, udp }";
      case TCP -> "tcp";
      case UDP -> "udp";
      case ICMP -> "{ icmp, ipv6-icmp }";
    };
  }

  /** Takes the chain away, once nothing leads to it any more. */
  String remove() {
    var text = new StringBuilder();
    delete(text, "chain", chain);
    var sets = new ArrayList<String>();
    for (int i = 0; i < rules.rules().size(); i++) {
      var rule = rules.rules().get(i);
      if (rule.target() instanceof Name) {
        sets.add(set4(i));
        sets.add(set6(i));
      }
      if (!rule.allow()) {
        delete(text, "chain", refusalChain(String.valueOf(i)));
      }
    }
    if (!rules.allowsRest()) {
      delete(text, "chain", refusalChain("end"));
    }
    sets.forEach(set -> delete(text, "set", set));
    return text.toString();
  }

  private void delete(StringBuilder text, String kind, String name) {
    text.append("delete %s inet %s %s\n".formatted(kind, table, name));
  }

  /** The set of IPv4 addresses learnt for a name rule. */
  String set4(int index) {
    return mark + "r" + index + "v4";
  }

  /** The set of IPv6 addresses learnt for a name rule. */
  String set6(int index) {
    return mark + "r" + index + "v6";
  }

  private String refusalChain(String index) {
    return mark + "_refuse_" + index;
  }
}
