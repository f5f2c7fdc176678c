package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BuildNetworksTest {
  private final List<String> events = new ArrayList<>();

  private NetworkProvider fake(String name, NetMode real) {
    return request -> {
      events.add("open " + name);
      return new FakeHandle(name, real);
    };
  }

  private final class FakeHandle implements NetworkHandle {
    private final String name;
    private final NetMode real;

    FakeHandle(String name, NetMode real) {
      this.name = name;
      this.real = real;
    }

    @Override
    public NetMode mode() {
      return real;
    }

    @Override
    public @Nullable String namespacePath() {
      return null;
    }

    @Override
    public @Nullable String resolvConf() {
      return null;
    }

    @Override
    public List<String> addresses() {
      return List.of();
    }

    @Override
    public void close() {
      events.add("close " + name);
    }
  }

  @Test
  void eachModeHasItsProvider() throws Exception {
    var networks =
        new BuildNetworks(
            fake("sandbox", NetMode.SANDBOX),
            fake("host", NetMode.HOST),
            fake("none", NetMode.NONE));
    for (var mode : NetMode.values()) {
      networks
          .open(mode, new NetworkRequest("one", NetworkPlan.NONE), real -> assertEquals(mode, real))
          .close();
    }
    assertEquals(
        List.of(
            "open sandbox", "close sandbox", "open host", "close host", "open none", "close none"),
        events);
  }

  @Test
  void whatTheStepReallyGetsIsCheckedAndRefusedUnseen() {
    var networks =
        new BuildNetworks(
            fake("sandbox", NetMode.HOST), fake("host", NetMode.HOST), fake("none", NetMode.NONE));
    var refusal = new BuildException(Code.PERMISSION_DENIED, "no host network");
    var thrown =
        assertThrows(
            BuildException.class,
            () ->
                networks.open(
                    NetMode.SANDBOX,
                    new NetworkRequest("one", NetworkPlan.NONE),
                    real -> {
                      if (real == NetMode.HOST) {
                        throw refusal;
                      }
                    }));
    assertSame(refusal, thrown);
    assertEquals(List.of("open sandbox", "close sandbox"), events);
  }

  @Test
  void egressRulesAreRefusedWhereTheStepReallyHasTheHostsNetwork() throws Exception {
    var networks =
        new BuildNetworks(
            fake("sandbox", NetMode.HOST), fake("host", NetMode.HOST), fake("none", NetMode.NONE));
    var rules = EgressRules.parse(List.of("deny=*"));
    var request = new NetworkRequest("one", new NetworkPlan(DnsSettings.NONE, rules, List.of()));
    for (var mode : List.of(NetMode.SANDBOX, NetMode.HOST)) {
      var refusal =
          assertThrows(BuildException.class, () -> networks.open(mode, request, real -> {}));
      assertEquals(Code.INVALID, refusal.code());
      assertEquals(
          "egress rules cannot be enforced for a step in host mode;"
              + " use the isolated network for it or drop --egress",
          refusal.getMessage());
    }
    networks.open(NetMode.NONE, request, real -> {}).close();
    assertEquals(
        List.of(
            "open sandbox", "close sandbox", "open host", "close host", "open none", "close none"),
        events);
  }
}
