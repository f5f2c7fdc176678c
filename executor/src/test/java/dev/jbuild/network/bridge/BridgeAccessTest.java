package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Egress rules, granted ports and refusals of a step as the bridge network gives them. */
@Tag("root")
final class BridgeAccessTest {
  @TempDir private Path dir;
  private TestHost host;
  private DatagramSocket upstream;
  private BridgeNetwork network;
  private BridgeConfig config;

  @BeforeEach
  void begin() throws Exception {
    host = new TestHost();
    TestHost.sh(host.outside(), "ip addr add 192.0.2.1/32 dev lo");
    for (int port : new int[] {80, 443}) {
      host.serve(host.outside(), "192.0.2.1", port);
    }
    host.serve(host.host(), "127.0.0.1", 5432);
    upstream =
        host.thread()
            .run(
                scope ->
                    scope.inside(
                        host.outside(),
                        () -> new DatagramSocket(53, InetAddress.ofLiteral(TestHost.OUTSIDE))));
    Thread.ofPlatform().daemon().start(() -> answer(upstream));
    Files.writeString(dir.resolve("resolv.conf"), "nameserver " + TestHost.OUTSIDE + "\n");
    var addresses =
        new Addresses(List.of(Subnet.parse("10.89.0.0/16")), Addresses.Ipv6.OFF, 1000, 0);
    config =
        new BridgeConfig(
            dir.resolve("root"),
            dir.resolve("run"),
            "nft",
            addresses,
            Links.USUAL,
            Isolation.USUAL);
    network =
        new BridgeNetwork(
            config,
            host.thread(),
            task -> Thread.ofVirtual().start(task),
            TestNames.of(host, dir),
            new EgressPolicies.Timing(0, LearnedNames.Lifetime.USUAL));
  }

  @AfterEach
  void end() throws IOException {
    network.close();
    upstream.close();
    host.close();
  }

  /** Every name is 192.0.2.1. */
  private static void answer(DatagramSocket socket) {
    try {
      while (true) {
        var packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        var asked = new Message(java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
        var said = new Message(asked.getHeader().getID());
        said.getHeader().setFlag(org.xbill.DNS.Flags.QR);
        said.addRecord(asked.getQuestion(), Section.QUESTION);
        if (asked.getQuestion().getType() == Type.A) {
          var address = InetAddress.ofLiteral("192.0.2.1");
          var name = asked.getQuestion().getName();
          said.addRecord(new ARecord(name, DClass.IN, 300, address), Section.ANSWER);
        }
        byte[] bytes = said.toWire();
        socket.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  private NetworkHandle open(String egress, String... ports) throws Exception {
    var rules = egress.isEmpty() ? EgressRules.NONE : EgressRules.parse(List.of(egress));
    var granted = java.util.Arrays.stream(ports).map(HostPorts::parse).toList();
    var plan = new NetworkPlan(DnsSettings.NONE, rules, granted);
    return network.open(new NetworkRequest("one", plan));
  }

  private static String path(NetworkHandle handle) {
    return Objects.requireNonNull(handle.namespacePath());
  }

  private static String lookUp(NetworkHandle handle, String name) throws Exception {
    return TestHost.sh(
        path(handle), "busybox nslookup -type=a " + name + ". 10.89.0.1 2>&1 || true");
  }

  @Test
  void nameIsReachedOnceTheStepAskedForIt() throws Exception {
    try (var handle = open("allow=example.org:443,deny=*")) {
      assertThrows(
          ConnectException.class, () -> host.connect(path(handle), "192.0.2.1", 443), "not yet");
      String answer = lookUp(handle, "example.org");
      assertTrue(answer.contains("192.0.2.1"), answer);
      assertEquals(TestHost.UPLINK, host.connect(path(handle), "192.0.2.1", 443));
      assertThrows(
          ConnectException.class, () -> host.connect(path(handle), "192.0.2.1", 80), "port");
      String refused = lookUp(handle, "other.org");
      assertTrue(refused.contains("REFUSED"), refused);
      var address = InetAddress.ofLiteral("192.0.2.1");
      var name = new Refusal(Protocol.OTHER, null, 0, "other.org", "deny=*", true, 1);
      var report = handle.report();
      assertEquals(
          List.of(
              new Refusal(Protocol.TCP, address, 443, "example.org", "deny=*", true, 1),
              new Refusal(Protocol.TCP, address, 80, "example.org", "deny=*", true, 1)),
          report.refusals().stream().filter(each -> each.address() != null).toList());
      assertEquals(
          List.of(name.name()),
          report.refusals().stream()
              .filter(each -> each.address() == null)
              .map(Refusal::name)
              .toList());
    }
    TestHost.await(
        "chains and sets are gone",
        () -> {
          try {
            String table = TestHost.sh(host.host(), "nft list table inet " + config.tableName());
            return !table.contains("policy_1") && !table.contains("p1r0");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void grantedPortIsAtLocalhost() throws Exception {
    try (var handle = open("", "127.0.0.1:5432");
        var other = open("")) {
      assertEquals(List.of(HostPorts.parse("127.0.0.1:5432")), handle.hostPorts());
      assertEquals("127.0.0.1", host.connect(path(handle), "127.0.0.1", 5432));
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "127.0.0.1", 5433));
      assertThrows(ConnectException.class, () -> host.connect(path(other), "127.0.0.1", 5432));
    }
  }

  @Test
  void rulesTakenAwayBetweenStepsComeBack() throws Exception {
    try (var handle = open("deny=192.0.2.1:80")) {
      TestHost.sh(host.host(), "nft flush ruleset");
      open("").close();
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "192.0.2.1", 80));
      assertEquals(TestHost.UPLINK, host.connect(path(handle), "192.0.2.1", 443));
    }
  }
}
