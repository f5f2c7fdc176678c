package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.netplan.EgressRules;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EgressChainTest {
  private static EgressRules rules(String text) {
    return EgressRules.parse(List.of(text));
  }

  @Test
  void rulesBecomeAChain() {
    var chain =
        EgressChain.policy(
            "jbuild_x",
            3,
            1234,
            rules(
                "deny=10.9.0.0/16,allow=*.example.org:443,allow=10.0.0.0/8:5432-5433/tcp,"
                    + "allow=[2001:db8::/32]/icmp,deny=0.0.0.0/0/udp,allow=*:53/udp"));
    assertEquals(
        """
        table inet jbuild_x {
          chain p3_refuse_0 {
            limit rate 100/second burst 200 packets log prefix "jb e3.0" group 1234 snaplen 128
            goto refuse
          }
          set p3r1v4 { type ipv4_addr; flags timeout; }
          set p3r1v6 { type ipv6_addr; flags timeout; }
          chain p3_refuse_4 {
            limit rate 100/second burst 200 packets log prefix "jb e3.4" group 1234 snaplen 128
            goto refuse
          }
          chain p3_refuse_end {
            limit rate 100/second burst 200 packets log prefix "jb e3.end" group 1234 snaplen 128
            goto refuse
          }
          chain policy_3 {
            ip daddr 10.9.0.0/16 goto p3_refuse_0
            ip daddr @p3r1v4 meta l4proto { tcp, udp } th dport 443 return
            ip6 daddr @p3r1v6 meta l4proto { tcp, udp } th dport 443 return
            ip daddr 10.0.0.0/8 meta l4proto tcp th dport 5432-5433 return
            ip6 daddr 2001:db8:0:0:0:0:0:0/32 meta l4proto { icmp, ipv6-icmp } return
            meta nfproto ipv4 meta l4proto udp goto p3_refuse_4
            meta l4proto udp th dport 53 return
            goto p3_refuse_end
          }
        }
        """,
        chain.install());
    assertEquals(
        """
        delete chain inet jbuild_x policy_3
        delete chain inet jbuild_x p3_refuse_0
        delete chain inet jbuild_x p3_refuse_4
        delete chain inet jbuild_x p3_refuse_end
        delete set inet jbuild_x p3r1v4
        delete set inet jbuild_x p3r1v6
        """,
        chain.remove());
  }

  @Test
  void configuredRulesFillTheCeiling() {
    assertEquals(
        """
        table inet jbuild_x {
          chain c_refuse_0 {
            limit rate 100/second burst 200 packets log prefix "jb c.0" group 7 snaplen 128
            goto refuse
          }
          chain ceiling {
            meta l4proto tcp th dport 25 goto c_refuse_0
          }
        }
        """,
        EgressChain.ceiling("jbuild_x", 7, rules("deny=*:25/tcp")).install());
  }
}
