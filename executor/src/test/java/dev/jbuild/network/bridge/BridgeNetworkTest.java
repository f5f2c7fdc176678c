package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.NetworkProvider;
import dev.jbuild.network.NetworkProviderContract;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a step sees and reaches in the default network. */
@Tag("root")
final class BridgeNetworkTest extends NetworkProviderContract {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  @TempDir private Path dir;

  @Override
  protected NetworkProvider provider() throws Exception {
    return bridge(closeLater(new TestHost()));
  }

  @Override
  protected NetMode mode() {
    return NetMode.SANDBOX;
  }

  private BridgeNetwork bridge(TestHost host) {
    return closeLater(
        new BridgeNetwork(
            config("one", "10.89.0.0/16"), host.thread(), THREADS, TestNames.of(host, dir)));
  }

  private BridgeConfig config(String root, String subnet) {
    var addresses = new Addresses(List.of(Subnet.parse(subnet)), Addresses.Ipv6.OFF, 1000, 0);
    return new BridgeConfig(
        dir.resolve(root), dir.resolve("run"), "nft", addresses, Links.USUAL, Isolation.USUAL);
  }

  private static String path(dev.jbuild.network.NetworkHandle handle) {
    return Objects.requireNonNull(handle.namespacePath());
  }

  @Test
  @DisplayName("S43 a step sees lo and eth0, with a MAC made of its address")
  void stepSeesLoopbackAndEth0() throws Exception {
    var host = closeLater(new TestHost());
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(List.of("10.89.0.2"), handle.addresses());
      String seen = TestHost.sh(path(handle), "ip -br addr; ip -br link; ip route");
      assertEquals(
          """
          lo UNKNOWN 127.0.0.1/8 ::1/128
          eth0@ifN UP 10.89.0.2/16
          lo UNKNOWN 00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP>
          eth0@ifN UP 02:42:0a:59:00:02 <BROADCAST,MULTICAST,UP,LOWER_UP>
          default via 10.89.0.1 dev eth0 proto static onlink
          """,
          seen.replaceAll("@if\\d+", "@ifN").replaceAll(" +", " ").replaceAll(" \n", "\n"));
    }
  }

  @Test
  @DisplayName("S43 the MTU follows the uplink")
  void mtuFollowsTheUplink() throws Exception {
    var host = closeLater(new TestHost(1380));
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertTrue(TestHost.sh(path(handle), "ip link show dev eth0").contains(" mtu 1380 "));
    }
  }

  @Test
  @DisplayName("S44 S64 the outside is reached and sees the host's uplink address alone")
  void outsideSeesTheHost() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.outside(), TestHost.OUTSIDE, 80);
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(TestHost.UPLINK, host.connect(path(handle), TestHost.OUTSIDE, 80));
      TestHost.sh(path(handle), "busybox ping -c 1 -W 3 " + TestHost.OUTSIDE);
    }
  }

  @Test
  @DisplayName("S2 nothing of the host is reached: loopback, uplink address, gateway")
  void hostIsNotReached() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.host(), "0.0.0.0", 8080);
    host.serve(host.host(), "127.0.0.1", 5432);
    TestHost.sh(host.host(), "ip addr add 192.0.2.77/32 dev lo");
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals("127.0.0.1", host.connect(host.host().path().toString(), "127.0.0.1", 8080));
      for (String address :
          List.of("127.0.0.1", TestHost.UPLINK, "10.89.0.1", "192.0.2.77", "10.89.255.255")) {
        var refused =
            assertThrows(
                IOException.class, () -> host.connect(path(handle), address, 8080), address);
        assertFalse(refused instanceof java.net.SocketTimeoutException, address);
      }
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "127.0.0.1", 5432));
    }
  }

  @Test
  void portThatTheHostForwardsIsNotReached() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.outside(), TestHost.OUTSIDE, 80);
    TestHost.sh(
        host.host(),
        "nft 'add table ip other; add chain ip other pre"
            + " { type nat hook prerouting priority dstnat; };"
            + " add rule ip other pre ip daddr 198.51.100.1 tcp dport 8081 dnat to 198.51.100.2:80'");
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertThrows(ConnectException.class, () -> host.connect(path(handle), TestHost.UPLINK, 8081));
    }
  }

  @Test
  @DisplayName("S57 S62 steps do not reach one another and may bind the same port")
  void stepsAreApart() throws Exception {
    var host = closeLater(new TestHost());
    var bridge = bridge(host);
    try (var one = bridge.open(new NetworkRequest("one", NetworkPlan.NONE));
        var two = bridge.open(new NetworkRequest("two", NetworkPlan.NONE))) {
      host.serve(path(one), "0.0.0.0", 8080);
      host.serve(path(two), "0.0.0.0", 8080);
      assertEquals(List.of("10.89.0.3"), two.addresses());
      assertThrows(ConnectException.class, () -> host.connect(path(two), "10.89.0.2", 8080));
      assertThrows(ConnectException.class, () -> host.connect(path(one), "10.89.0.3", 8080));
      assertEquals("10.89.0.2", host.connect(path(one), "10.89.0.2", 8080));
    }
  }

  @Test
  @DisplayName("S57 a step that talks past the gateway, on the link itself, is not heard either")
  void stepsAreApartOnTheLink() throws Exception {
    var host = closeLater(new TestHost());
    var bridge = bridge(host);
    try (var one = bridge.open(new NetworkRequest("one", NetworkPlan.NONE));
        var two = bridge.open(new NetworkRequest("two", NetworkPlan.NONE))) {
      host.serve(path(one), "0.0.0.0", 8080);
      TestHost.sh(
          path(two),
          "ip route add 10.89.0.2/32 dev eth0;"
              + " ip neigh add 10.89.0.2 lladdr 02:42:0a:59:00:02 dev eth0");
      assertThrows(IOException.class, () -> host.connect(path(two), "10.89.0.2", 8080));
    }
  }

  @Test
  @DisplayName("S63 the host reaches a step, the outside does not")
  void hostReachesAStepAndOutsideDoesNot() throws Exception {
    var host = closeLater(new TestHost());
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      host.serve(path(handle), "0.0.0.0", 8080);
      assertEquals("10.89.0.1", host.connect(host.host().path().toString(), "10.89.0.2", 8080));
      TestHost.sh(host.outside(), "ip route add 10.89.0.0/16 via 198.51.100.1");
      assertThrows(
          ConnectException.class,
          () -> host.connect(host.outside().path().toString(), "10.89.0.2", 8080));
    }
  }

  @Test
  void portsAreIsolatedAndLocked() throws Exception {
    var host = closeLater(new TestHost());
    TestHost.assumeProgram("bridge");
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(1, handle.addresses().size());
      String ports = TestHost.sh(host.host(), "bridge -d link");
      assertEquals(1, ports.lines().filter(line -> line.contains(" master ")).count());
      assertTrue(ports.contains("isolated on locked on"), ports);
      assertTrue(ports.contains("learning off flood off"), ports);
    }
  }

  @Test
  void stepCannotSpeakAsAnother() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.outside(), TestHost.OUTSIDE, 80);
    var bridge = bridge(host);
    try (var victim = bridge.open(new NetworkRequest("victim", NetworkPlan.NONE));
        var attacker = bridge.open(new NetworkRequest("attacker", NetworkPlan.NONE))) {
      TestHost.sh(
          path(attacker),
          "ip link set eth0 down; ip link set eth0 address 02:42:0a:59:00:02;"
              + " ip addr flush dev eth0; ip addr add 10.89.0.2/16 dev eth0; ip link set eth0 up;"
              + " ip route add default via 10.89.0.1 2>&1;"
              + " busybox arping -c 1 -w 1 -U -I eth0 10.89.0.2 >/dev/null 2>&1 || true");
      assertThrows(IOException.class, () -> host.connect(path(attacker), TestHost.OUTSIDE, 80));
      assertEquals(TestHost.UPLINK, host.connect(path(victim), TestHost.OUTSIDE, 80));
    }
  }

  @Test
  void metadataAddressesAreRefusedAtOnce() throws Exception {
    var host = closeLater(new TestHost());
    TestHost.sh(host.outside(), "ip addr add 169.254.169.254/32 dev eth0");
    host.serve(host.outside(), "0.0.0.0", 80);
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(TestHost.UPLINK, host.connect(path(handle), TestHost.OUTSIDE, 80));
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "169.254.169.254", 80));
      assertThrows(ConnectException.class, () -> host.connect(path(handle), "100.100.100.200", 80));
    }
  }

  @Test
  void linkLocalIpv6IsNoHole() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.host(), "::", 8080);
    try (var handle = bridge(host).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals("", TestHost.sh(path(handle), "ip -6 addr show dev eth0"));
      TestHost.sh(path(handle), "ip addr add fe80::5/64 dev eth0 nodad");
      String bridgeMac = "fe80::42:aff:fe59:1";
      TestHost.sh(host.host(), "sysctl -qw net.ipv6.conf.all.disable_ipv6=0 || true");
      assertTrue(
          TestHost.sh(
                  path(handle), "busybox ping6 -c 1 -W 1 -I eth0 " + bridgeMac + " || echo refused")
              .contains("refused"));
      assertEquals("", TestHost.sh(host.host(), "ip -6 addr show dev " + bridgeName()));
    }
  }

  private String bridgeName() {
    return config("one", "10.89.0.0/16").bridgeName();
  }

  @Test
  void rulesComeBackWhenSomebodyFlushesAll() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.host(), "0.0.0.0", 8080);
    var bridge = bridge(host);
    bridge.warmUp();
    TestHost.sh(host.host(), "nft flush ruleset");
    try (var handle = bridge.open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertThrows(ConnectException.class, () -> host.connect(path(handle), TestHost.UPLINK, 8080));
    }
  }

  @Test
  void exhaustionSaysWhatToDo() throws Exception {
    var host = closeLater(new TestHost());
    var network =
        new BridgeNetwork(
            config("one", "10.89.0.0/29"), host.thread(), THREADS, TestNames.of(host, dir));
    closeLater(network);
    var handles = new ArrayList<AutoCloseable>();
    for (int i = 0; i < 5; i++) {
      handles.add(closeLater(network.open(new NetworkRequest("step" + i, NetworkPlan.NONE))));
    }
    var failure =
        assertThrows(
            dev.jbuild.error.BuildException.class,
            () -> network.open(new NetworkRequest("one too many", NetworkPlan.NONE)));
    assertEquals(
        "bridge network 10.89.0.0/29: all 5 addresses are in use by running steps;"
            + " run fewer steps at once or configure a larger subnet",
        failure.getMessage());
    handles.getFirst().close();
    // An address that is about to come back is waited for.
    try (var handle = network.open(new NetworkRequest("next", NetworkPlan.NONE))) {
      assertEquals(List.of("10.89.0.2"), handle.addresses());
    }
  }
}
