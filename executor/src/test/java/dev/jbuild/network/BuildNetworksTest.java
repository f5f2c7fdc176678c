package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.meter.Meter;
import dev.jbuild.network.meter.NoMeter;
import dev.jbuild.network.meter.Reading;
import dev.jbuild.network.meter.StepMeter;
import java.net.InetAddress;
import java.nio.file.Path;
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
            fake("none", NetMode.NONE),
            new NoMeter("no"));
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
            fake("sandbox", NetMode.HOST),
            fake("host", NetMode.HOST),
            fake("none", NetMode.NONE),
            new NoMeter("no"));
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
            fake("sandbox", NetMode.HOST),
            fake("host", NetMode.HOST),
            fake("none", NetMode.NONE),
            new NoMeter(""));
    var rules = EgressRules.parse(List.of("deny=*"));
    var request = new NetworkRequest("one", new NetworkPlan(DnsSettings.NONE, rules, List.of()));
    for (var mode : List.of(NetMode.SANDBOX, NetMode.HOST)) {
      var refusal =
          assertThrows(BuildException.class, () -> networks.open(mode, request, real -> {}));
      assertEquals(Code.INVALID, refusal.code());
      assertEquals(
          "a step has the host's network, where egress rules can not hold, got 'deny=*';"
              + " leave out --egress, or let the step have 'RUN --network=isolated'",
          refusal.getMessage());
    }
    networks.open(NetMode.NONE, request, real -> {}).close();
    assertEquals(
        List.of(
            "open sandbox", "close sandbox", "open host", "close host", "open none", "close none"),
        events);
  }

  private static Peer peer(Protocol protocol, String address, int port, Peer.State state) {
    return new Peer(protocol, InetAddress.ofLiteral(address), port, "", 10, 20, state, false);
  }

  private static final Peer REFUSED = peer(Protocol.TCP, "127.0.0.1", 9, Peer.State.REFUSED);
  private static final Peer OWN = peer(Protocol.TCP, "127.0.0.1", 8080, Peer.State.ANSWERED);
  private static final Peer FAR = peer(Protocol.TCP, "203.0.113.7", 443, Peer.State.ANSWERED);

  private final class FakeMeter implements Meter {
    private final Reading reading;

    FakeMeter(Reading reading) {
      this.reading = reading;
    }

    @Override
    public StepMeter open(String stepId, NetMode mode) {
      events.add("watch " + stepId + " " + mode);
      return new StepMeter() {
        @Override
        public Path group() {
          return Path.of("/group");
        }

        @Override
        public Reading read() {
          return reading;
        }

        @Override
        public void close() {
          events.add("unwatch");
        }
      };
    }

    @Override
    public void close() {}
  }

  /** A network that knows lookups and has ports of the host. */
  private record Knowing(NetMode mode, List<HostPorts> hostPorts) implements NetworkHandle {
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
      return List.of("10.89.0.7");
    }

    @Override
    public NetworkReport report() {
      return new NetworkReport(
          mode,
          false,
          List.of(
              new Lookup(
                  "example.org",
                  "A",
                  List.of("alias.example", "203.0.113.7"),
                  "NOERROR",
                  "192.0.2.53",
                  1),
              new Lookup("mx.example", "MX", List.of("203.0.113.7"), "NOERROR", "", 1)),
          List.of(),
          List.of(),
          List.of(""));
    }

    @Override
    public void close() {}
  }

  private NetworkHandle open(NetMode mode, List<HostPorts> ports, Reading reading)
      throws Exception {
    NetworkProvider provider = request -> new Knowing(mode, ports);
    return new BuildNetworks(provider, provider, provider, new FakeMeter(reading))
        .open(mode, new NetworkRequest("one", NetworkPlan.NONE), real -> {});
  }

  @Test
  void stepIsWatchedFromOpenToClose() throws Exception {
    var reading = new Reading(true, List.of(), List.of());
    try (var handle = open(NetMode.NONE, List.of(), reading)) {
      assertEquals(Path.of("/group"), handle.group());
      assertTrue(handle.report().quiet());
    }
    assertEquals(List.of("watch one NONE", "unwatch"), events);
  }

  @Test
  void isolatedStepsTellOfThemselvesOnlyWhatWasNotAnswered() throws Exception {
    var unheard = peer(Protocol.UDP, "127.0.0.1", 53, Peer.State.SILENT);
    var itself = peer(Protocol.TCP, "10.89.0.7", 80, Peer.State.ANSWERED);
    var reading = new Reading(false, List.of(REFUSED, OWN, FAR, unheard, itself), List.of("why"));
    var report = open(NetMode.SANDBOX, List.of(), reading).report();
    assertEquals(
        List.of(
            REFUSED,
            new Peer(
                Protocol.TCP,
                FAR.address(),
                443,
                "example.org",
                10,
                20,
                Peer.State.ANSWERED,
                false),
            unheard),
        report.peers());
    assertEquals(List.of("why"), report.notSeen());
    assertEquals(2, report.lookups().size());
  }

  @Test
  void hostModeTellsAllPeersAndThatNamesAreNotSeen() throws Exception {
    var reading = new Reading(false, List.of(OWN), List.of());
    var report = open(NetMode.HOST, List.of(), reading).report();
    assertEquals(List.of(OWN), report.peers());
    assertEquals(
        List.of("names are not listed: with the host's network the host's own resolver answers"),
        report.notSeen());
  }

  @Test
  void portOfTheHostIsAPeerAndNotQuiet() throws Exception {
    var reading = new Reading(true, List.of(REFUSED, OWN), List.of());
    var ports = List.of(HostPorts.parse("127.0.0.1:8000-8100"));
    var report = open(NetMode.SANDBOX, ports, reading).report();
    assertEquals(List.of(REFUSED, OWN), report.peers());
    assertFalse(report.quiet());
    assertTrue(open(NetMode.SANDBOX, List.of(), reading).report().quiet());
  }

  @Test
  void stepThatLeftItsGroupIsNotSeen() throws Exception {
    var handle = open(NetMode.SANDBOX, List.of(), new Reading(true, List.of(REFUSED), List.of()));
    handle.leaveGroup("it runs elsewhere");
    var report = handle.report();
    assertFalse(report.quiet());
    assertEquals(List.of(), report.peers());
    assertEquals(List.of("it runs elsewhere"), report.notSeen());
  }
}
