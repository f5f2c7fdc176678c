package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExecKeyTest {
  private static final Digest STEP = Bytes.utf8("step").digest();
  private static final NetworkPlan EGRESS =
      new NetworkPlan(DnsSettings.NONE, EgressRules.parse(List.of("deny=*")), List.of());

  private static Digest key(NetMode mode, NetworkPlan plan, String surroundings) {
    return ExecKey.inNetwork(STEP, mode, plan, surroundings);
  }

  private static NetworkPlan ports(String... ports) {
    return new NetworkPlan(
        DnsSettings.NONE, EgressRules.NONE, List.of(ports).stream().map(HostPorts::parse).toList());
  }

  private static NetworkPlan dns(String server, String search, String option) {
    var settings = DnsSettings.parse(List.of(server), List.of(search), List.of(option));
    return new NetworkPlan(settings, EgressRules.NONE, List.of());
  }

  @Test
  void everythingOfTheNetworkCounts() {
    var keys = new HashSet<Digest>();
    for (NetMode mode : NetMode.values()) {
      keys.add(key(mode, NetworkPlan.NONE, ""));
    }
    keys.add(key(NetMode.SANDBOX, EGRESS, ""));
    keys.add(key(NetMode.SANDBOX, ports("127.0.0.1:5432"), ""));
    keys.add(key(NetMode.SANDBOX, dns("192.0.2.1", "a", "ndots:2"), ""));
    keys.add(key(NetMode.SANDBOX, dns("192.0.2.2", "a", "ndots:2"), ""));
    keys.add(key(NetMode.SANDBOX, dns("192.0.2.1", "b", "ndots:2"), ""));
    keys.add(key(NetMode.SANDBOX, dns("192.0.2.1", "a", "ndots:3"), ""));
    keys.add(key(NetMode.SANDBOX, NetworkPlan.NONE, "deny=*"));
    keys.add(ExecKey.inNetwork(Bytes.utf8("x").digest(), NetMode.HOST, NetworkPlan.NONE, ""));

    assertEquals(11, keys.size());
  }

  @Test
  void withoutANetworkItsRulesDoNotCount() {
    assertEquals(key(NetMode.NONE, NetworkPlan.NONE, ""), key(NetMode.NONE, EGRESS, "deny=*"));
  }

  @Test
  void orderOfHostPortsDoesNotCount() {
    assertEquals(
        key(NetMode.SANDBOX, ports("127.0.0.1:1", "127.0.0.1:2"), ""),
        key(NetMode.SANDBOX, ports("127.0.0.1:2", "127.0.0.1:1"), ""));
    assertNotEquals(
        key(NetMode.SANDBOX, ports("127.0.0.1:1"), ""),
        key(NetMode.SANDBOX, ports("127.0.0.1:1-2"), ""));
  }

  @Test
  void modeIsNoPartOfTheStepItself() {
    assertEquals(
        ExecKey.independent(Steps.exec(NetMode.HOST), null),
        ExecKey.independent(Steps.exec(NetMode.NONE), null));
    assertNotEquals(
        ExecKey.independent(Steps.exec(NetMode.HOST, "true"), null),
        ExecKey.independent(Steps.exec(NetMode.HOST, "false"), null));
  }
}
