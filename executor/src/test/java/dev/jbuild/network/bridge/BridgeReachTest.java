package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both families, what is configured, and steps that do not keep to their addresses. */
@Tag("root")
final class BridgeReachTest {
  private static final String OUTSIDE6 = "2001:db8::2";
  private static final NetworkRequest ONE = new NetworkRequest("one", NetworkPlan.NONE);

  @TempDir private Path dir;
  private TestHost host;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void makeHost() throws Exception {
    host = new TestHost();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (var resource : opened.reversed()) {
      resource.close();
    }
    host.close();
  }

  private void giveHostIpv6() throws Exception {
    TestHost.sh(host.outside(), "ip -6 addr add 2001:db8::2/64 dev eth0 nodad");
    TestHost.sh(
        host.host(),
        "ip -6 addr add 2001:db8::1/64 dev up0 nodad; ip -6 route add default via 2001:db8::2");
  }

  private BridgeConfig config(Addresses.Ipv6 ipv6) {
    var addresses = new Addresses(List.of(Subnet.parse("10.89.0.0/16")), ipv6, 1000, 0);
    return new BridgeConfig(
        dir.resolve("root"), dir.resolve("run"), "nft", addresses, Links.USUAL, Isolation.USUAL);
  }

  private BridgeNetwork network(BridgeConfig config) {
    var network =
        new BridgeNetwork(
            config, host.thread(), task -> Thread.ofVirtual().start(task), TestNames.of(host, dir));
    opened.add(network);
    return network;
  }

  private NetworkHandle open(BridgeNetwork network) throws IOException, InterruptedException {
    var handle = network.open(ONE);
    opened.add(handle);
    return handle;
  }

  private static String path(NetworkHandle handle) {
    return Objects.requireNonNull(handle.namespacePath());
  }

  /** Fails at once, not by a timeout. */
  private void refused(NetworkHandle handle, String address, int port) {
    long start = System.nanoTime();
    assertThrows(IOException.class, () -> host.connect(path(handle), address, port), address);
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2), address + " in time");
  }

  @Test
  @DisplayName("S43 S44 S64 with IPv6 on the host a step has it too, behind the host's address")
  void ipv6IsReachedAndMasqueraded() throws Exception {
    giveHostIpv6();
    host.serve(host.outside(), OUTSIDE6, 80);
    host.serve(host.outside(), TestHost.OUTSIDE, 80);
    var config = config(Addresses.Ipv6.AUTO);
    var handle = open(network(config));
    String prefix = config.subnet6().toString().replace("::/64", ":0:0:0:");
    assertEquals(List.of("10.89.0.2", prefix + "2"), handle.addresses());
    assertEquals(List.of("10.89.0.1", prefix + "1"), handle.hostGateway());
    assertEquals("2001:db8:0:0:0:0:0:1", host.connect(path(handle), OUTSIDE6, 80));
    assertEquals(TestHost.UPLINK, host.connect(path(handle), TestHost.OUTSIDE, 80));
    TestHost.sh(path(handle), "busybox ping6 -c 1 -W 3 " + OUTSIDE6);
    String neighbours = TestHost.sh(path(handle), "ip neigh");
    assertEquals(2, neighbours.lines().filter(line -> line.contains(" PERMANENT")).count());
    assertEquals(2, neighbours.lines().count());
  }

  @Test
  @DisplayName("S2 S57 neither host nor steps are reached over IPv6")
  void ipv6IsNoHole() throws Exception {
    giveHostIpv6();
    host.serve(host.host(), "::", 8080);
    var network = network(config(Addresses.Ipv6.ON));
    var one = open(network);
    var two = open(network);
    host.serve(path(two), "::", 8080);
    refused(one, two.addresses().get(1), 8080);
    refused(one, two.hostGateway().get(1), 8080);
    refused(one, "2001:db8::1", 8080);
    refused(one, "fd00:ec2::254", 80);
    assertEquals(
        two.hostGateway().get(1),
        host.connect(host.host().path().toString(), two.addresses().get(1), 8080));
  }

  @Test
  void hostWithoutIpv6RouteGivesNone() throws Exception {
    var handle = open(network(config(Addresses.Ipv6.AUTO)));
    assertEquals(List.of("10.89.0.2"), handle.addresses());
    assertEquals("0\n", TestHost.sh(host.host(), "cat /proc/sys/net/ipv6/conf/all/forwarding"));
  }

  @Test
  @DisplayName("an uplink that learns its routes by advertisements goes on doing so")
  void ipv6SwitchesAreSetBack() throws Exception {
    giveHostIpv6();
    String look =
        "cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/up0/accept_ra";
    assertEquals("0\n1\n", TestHost.sh(host.host(), look));
    try (var network = network(config(Addresses.Ipv6.AUTO))) {
      network.warmUp();
      assertEquals("1\n2\n", TestHost.sh(host.host(), look));
    }
    assertEquals("0\n1\n", TestHost.sh(host.host(), look));
  }

  @Test
  void packetsWithSomebodyElsesSourceAreDropped() throws Exception {
    giveHostIpv6();
    TestHost.sh(
        host.outside(),
        "nft 'add table inet seen; add chain inet seen in { type filter hook input priority 0; };"
            + " add rule inet seen in icmp type echo-request counter;"
            + " add rule inet seen in icmpv6 type echo-request counter'");
    var network = network(config(Addresses.Ipv6.ON));
    var victim = open(network);
    var attacker = open(network);
    String own6 = attacker.addresses().get(1);
    TestHost.sh(
        path(attacker),
        """
        ip addr add %s/32 dev eth0; ip addr add 203.0.113.9/32 dev eth0
        ip -6 addr add %s/128 dev eth0 nodad; ip -6 addr add 2001:db8:9::9/128 dev eth0 nodad
        for own in %s 203.0.113.9; do busybox ping -c 1 -W 1 -I $own %s; done
        for own in %s 2001:db8:9::9; do busybox ping6 -c 1 -W 1 -I $own %s; done; true
        """
            .formatted(
                victim.addresses().get(0),
                victim.addresses().get(1),
                victim.addresses().get(0),
                TestHost.OUTSIDE,
                victim.addresses().get(1),
                OUTSIDE6));
    assertEquals(0, seen());
    TestHost.sh(
        path(attacker),
        "busybox ping -c 1 -W 3 -I 10.89.0.3 %s; busybox ping6 -c 1 -W 3 -I %s %s"
            .formatted(TestHost.OUTSIDE, own6, OUTSIDE6));
    assertEquals(2, seen());
  }

  private long seen() throws Exception {
    return TestHost.sh(host.outside(), "nft list table inet seen")
        .lines()
        .filter(line -> line.contains("counter packets"))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".*packets (\\d+) .*", "$1")))
        .sum();
  }

  @Test
  @DisplayName("S62 S66 members of the network meet only when that is configured")
  void membersMeetWhenConfigured() throws Exception {
    giveHostIpv6();
    var usual = config(Addresses.Ipv6.ON);
    host.serve(host.host(), "0.0.0.0", 8081);
    try (var network = network(usual);
        var one = network.open(ONE);
        var two = network.open(ONE)) {
      host.serve(path(two), "::", 8080);
      refused(one, two.addresses().get(0), 8080);
      refused(one, two.addresses().get(1), 8080);
    }
    var network = network(usual.with(new Isolation(true, true, EgressRules.NONE)));
    var one = open(network);
    var two = open(network);
    host.serve(path(two), "::", 8080);
    for (int family = 0; family < 2; family++) {
      String said = host.connect(path(one), two.addresses().get(family), 8080);
      assertEquals(one.addresses().get(family), said);
    }
    refused(one, "10.89.0.1", 8081);
    assertEquals("", TestHost.sh(path(one), "ip route show cache"));
  }

  @Test
  void privateRangesAreRefusedWhenConfigured() throws Exception {
    TestHost.sh(host.outside(), "ip addr add 10.1.2.3/32 dev eth0");
    host.serve(host.outside(), "0.0.0.0", 80);
    try (var network = network(config(Addresses.Ipv6.OFF));
        var handle = network.open(ONE)) {
      assertEquals(TestHost.UPLINK, host.connect(path(handle), "10.1.2.3", 80));
    }
    var network =
        network(config(Addresses.Ipv6.OFF).with(new Isolation(false, true, EgressRules.NONE)));
    var handle = open(network);
    assertThrows(ConnectException.class, () -> host.connect(path(handle), "10.1.2.3", 80));
    assertEquals(TestHost.UPLINK, host.connect(path(handle), TestHost.OUTSIDE, 80));
  }

  @Test
  @DisplayName("S2 the gateway answers for names alone")
  void gatewayAnswersForNamesAlone() throws Exception {
    host.serve(host.host(), "0.0.0.0", 8080);
    host.serve(host.host(), "0.0.0.0", 53);
    var handle = open(network(config(Addresses.Ipv6.OFF)));
    for (int port : List.of(1, 22, 8080, 54)) {
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "10.89.0.1", port));
    }
    // Ours, not the other one of the host that greets at the same port.
    String said = TestHost.sh(path(handle), "busybox nslookup a.test 10.89.0.1 2>&1 || true");
    assertTrue(said.contains("SERVFAIL"), said);
  }

  @Test
  @DisplayName("S68 bridge name and MTU are visible")
  void bridgeNameAndMtuAreVisible() throws Exception {
    var network = network(config(Addresses.Ipv6.OFF).with(new Links("builders0", 1400)));
    var handle = open(network);
    assertTrue(host.links().contains("builders0"), host.links().toString());
    assertTrue(TestHost.sh(host.host(), "ip link show builders0").contains(" mtu 1400 "));
    assertTrue(TestHost.sh(path(handle), "ip link show eth0").contains(" mtu 1400 "));
    network.close();
    assertEquals(List.of("lo", "up0"), host.links());
  }

  @Test
  void foreignLinkOfTheConfiguredNameIsLeftAlone() throws Exception {
    TestHost.sh(host.host(), "ip link add builders0 type bridge");
    var network = network(config(Addresses.Ipv6.OFF).with(new Links("builders0", 0)));
    var failure = assertThrows(BuildException.class, () -> network.open(ONE));
    assertEquals(
        "bridge network: the link 'builders0' is there already and is not ours;"
            + " configure another bridge name",
        failure.getMessage());
    assertEquals(List.of("builders0", "lo", "up0"), host.links());
  }
}
