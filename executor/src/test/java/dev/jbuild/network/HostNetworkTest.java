package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

final class HostNetworkTest extends NetworkProviderContract {
  @Override
  protected NetworkProvider provider() {
    return new HostNetwork();
  }

  @Override
  protected NetMode mode() {
    return NetMode.HOST;
  }

  @Test
  @DisplayName("S13 S25 S39 host mode has no namespace, no address and the host's own resolver")
  void hostModeAddsNothing() throws IOException {
    var handle = new HostNetwork().open(new NetworkRequest("one", NetworkPlan.NONE));
    assertNull(handle.namespacePath());
    assertNull(handle.resolvConf());
    assertEquals(List.of(), handle.addresses());
    assertEquals("", handle.notice());
  }

  @Test
  void theHostIsReachedAtItsLoopback() throws IOException {
    var handle = new HostNetwork().open(new NetworkRequest("one", NetworkPlan.NONE));
    assertEquals(List.of("127.0.0.1"), handle.hostGateway());
  }

  @Test
  void resolversOfTheBuildComeBeforeTheHosts() {
    var dns = DnsSettings.parse(List.of("192.0.2.1", "192.0.2.2"), List.of("a.example"), List.of());
    assertEquals(
        """
        nameserver 192.0.2.1
        nameserver 192.0.2.2
        search a.example
        # the host's
        options ndots:3
        """,
        HostResolvConf.of(
            "# the host's\nnameserver 127.0.0.53\nsearch lan\noptions ndots:3\n", dns));
    assertEquals(
        "options ndots:2\nnameserver 127.0.0.53\n",
        HostResolvConf.of(
            "nameserver 127.0.0.53\noptions ndots:3",
            DnsSettings.parse(List.of(), List.of(), List.of("ndots:2"))));
  }

  @Test
  void itTellsWhatItWasToldToTell() throws IOException {
    var handle = new HostNetwork("elsewhere").open(new NetworkRequest("one", NetworkPlan.NONE));
    assertEquals("elsewhere", handle.notice());
  }

  @Test
  void rulesThatCanNotHoldAreRefused() {
    var plan = new NetworkPlan(DnsSettings.NONE, EgressRules.parse(List.of("deny=*")), List.of());
    var e =
        assertThrows(
            BuildException.class, () -> new HostNetwork().open(new NetworkRequest("one", plan)));
    assertEquals(
        "a step has the host's network, where egress rules can not hold, got 'deny=*';"
            + " leave out --egress, or let the step have 'RUN --network=isolated'",
        e.message());
  }
}
