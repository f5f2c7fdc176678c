package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.HostPorts;
import java.net.Inet4Address;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GrantedPortsTest {
  private static GrantedPorts of(String... texts) {
    return GrantedPorts.of(Arrays.stream(texts).map(HostPorts::parse).toList());
  }

  private static String refusal(String... texts) {
    var failure = assertThrows(BuildException.class, () -> of(texts));
    assertEquals(Code.INVALID, failure.code());
    return String.valueOf(failure.getMessage());
  }

  @Test
  void overlappingRangesOfOneAddressAreOne() {
    assertEquals(
        List.of(HostPorts.parse("127.0.0.1:80"), HostPorts.parse("127.0.0.1:5000-6999")),
        of(
                "127.0.0.1:5432",
                "127.0.0.1:5000-5999",
                "127.0.0.1:80",
                "127.0.0.1:80",
                "127.0.0.1:5999-6999")
            .ports());
  }

  @Test
  void samePortOfTwoAddressesIsRefused() {
    assertEquals(
        "host ports 127.0.0.1:80-90 and 192.0.2.2:85: an isolated step has both at localhost:85;"
            + " grant one of them",
        refusal("192.0.2.2:85", "127.0.0.1:80-90"));
  }

  @Test
  void ipv6IsRefused() {
    assertEquals(
        "host port [::1]:80: only IPv4 addresses of the host can be reached from an isolated step;"
            + " let the service listen at 127.0.0.1, too, or use the host's network for the step",
        refusal("[::1]:80"));
  }

  @Test
  void resolversPortIsRefused() {
    assertEquals(
        "host port 127.0.0.1:53: port 53 is where an isolated step has its resolver; name the"
            + " host's with --dns",
        refusal("127.0.0.1:53"));
  }

  @Test
  void rulesInsideTheStepSendPortsToTheGateway() {
    assertEquals(
        """
        table ip jbuild {
          chain directing {
            type nat hook output priority -100; policy accept;
            ip daddr 127.0.0.1 meta l4proto { tcp, udp } th dport { 80-80, 5000-5999 } dnat to 10.89.0.1
          }

          chain leaving {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr 127.0.0.0/8 oifname != "lo" masquerade
          }
        }
        """,
        of("127.0.0.1:5000-5999", "127.0.0.1:80").inside(Inet4Address.ofLiteral("10.89.0.1")));
  }
}
