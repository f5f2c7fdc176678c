package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the default network comes and goes, and what it leaves alone. */
@Tag("root")
final class BridgeLifeTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);
  private static final List<String> BARE = List.of("lo", "up0");

  @TempDir private Path dir;
  private TestHost host;

  @BeforeEach
  void makeHost() throws Exception {
    host = new TestHost();
  }

  @AfterEach
  void closeHost() throws IOException {
    host.close();
  }

  private BridgeConfig config(String root, String... subnets) {
    return new BridgeConfig(
        dir.resolve(root),
        dir.resolve("run"),
        "nft",
        new Addresses(
            List.of(subnets).stream().map(Subnet::parse).toList(), Addresses.Ipv6.OFF, 1000, 0),
        Links.USUAL,
        Isolation.USUAL);
  }

  private BridgeNetwork network(String root) {
    var config = config(root, "10.89.0.0/16", "10.90.0.0/16");
    return new BridgeNetwork(config, host.thread(), THREADS, TestNames.of(host, dir));
  }

  private String onHost(String command) throws Exception {
    return TestHost.sh(host.host(), command);
  }

  @Test
  void nothingIsMadeBeforeFirstUse() throws Exception {
    try (var network = network("one")) {
      assertEquals(BARE, host.links());
      network.warmUp();
      assertEquals(3, host.links().size());
    }
  }

  @Test
  void closeLeavesTheHostAsItWas() throws Exception {
    String before =
        onHost("nft list ruleset; ip -o addr; ip route; cat /proc/sys/net/ipv4/ip_forward");
    try (var network = network("one");
        var handle = network.open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals("1\n", onHost("cat /proc/sys/net/ipv4/ip_forward"));
      assertEquals(List.of("10.89.0.2"), handle.addresses());
    }
    assertEquals(BARE, host.links());
    assertEquals(
        before,
        onHost("nft list ruleset; ip -o addr; ip route; cat /proc/sys/net/ipv4/ip_forward"));
  }

  @Test
  void forwardingThatWasOnStaysOn() throws Exception {
    onHost("echo 1 > /proc/sys/net/ipv4/ip_forward");
    network("one").close();
    try (var network = network("two")) {
      network.warmUp();
    }
    assertEquals("1\n", onHost("cat /proc/sys/net/ipv4/ip_forward"));
  }

  @Test
  void rulesOfOthersAreUntouched() throws Exception {
    onHost(
        "nft 'add table ip theirs; add chain ip theirs c { type filter hook forward priority 0; };"
            + " add rule ip theirs c tcp dport 99 counter'");
    String theirs = onHost("nft list table ip theirs");
    try (var network = network("one");
        var handle = network.open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(theirs, onHost("nft list table ip theirs"));
      assertEquals(1, handle.addresses().size());
    }
    assertEquals(theirs, onHost("nft list ruleset"));
  }

  @Test
  void killedProcessesLeftoversAreRemovedAtStart() throws Exception {
    var killed = network("one");
    var lost = new ArrayList<NetworkHandle>();
    for (int i = 0; i < 3; i++) {
      lost.add(killed.open(new NetworkRequest("lost" + i, NetworkPlan.NONE)));
    }
    // The process is gone, but one that it started still holds the namespaces.
    String name = config("one", "10.89.0.0/16").bridgeName();
    onHost("ip link add " + name + "ffff type bridge");
    assertEquals(7, host.links().size());
    try (var next = network("one");
        var handle = next.open(new NetworkRequest("next", NetworkPlan.NONE))) {
      assertEquals(List.of("10.89.0.2"), handle.addresses());
      assertEquals(List.of(name, name + "0002", "lo", "up0"), host.links());
      assertEquals(1, onHost("nft list tables").lines().count());
    } finally {
      for (var handle : lost) {
        handle.close();
      }
    }
    assertEquals(BARE, host.links());
    assertEquals("0\n", onHost("cat /proc/sys/net/ipv4/ip_forward"));
  }

  @Test
  void twoRootsShareAHost() throws Exception {
    var two = network("two");
    try (var one = network("one");
        var handle = one.open(new NetworkRequest("one", NetworkPlan.NONE))) {
      try (two;
          var other = two.open(new NetworkRequest("two", NetworkPlan.NONE))) {
        assertEquals(List.of("10.89.0.2"), handle.addresses());
        assertEquals(List.of("10.90.0.2"), other.addresses());
        host.serve(path(other), "0.0.0.0", 8080);
        assertThrows(IOException.class, () -> host.connect(path(handle), "10.90.0.2", 8080));
      }
      // The other's end took nothing away from us.
      assertEquals("1\n", onHost("cat /proc/sys/net/ipv4/ip_forward"));
      host.serve(host.outside(), TestHost.OUTSIDE, 80);
      assertEquals(TestHost.UPLINK, host.connect(path(handle), TestHost.OUTSIDE, 80));
    }
    assertEquals("0\n", onHost("cat /proc/sys/net/ipv4/ip_forward"));
  }

  private static String path(NetworkHandle handle) {
    return Objects.requireNonNull(handle.namespacePath());
  }

  @Test
  void subnetThatARouteTouchesIsPassedOver() throws Exception {
    onHost("ip route add 10.88.0.0/15 via 198.51.100.2");
    try (var network = network("one")) {
      assertEquals(Subnet.parse("10.90.0.0/16"), network.subnet());
    }
  }

  @Test
  void noFreeSubnetSaysWhatToDo() throws Exception {
    onHost("ip route add 10.0.0.0/8 via 198.51.100.2");
    try (var network = network("one")) {
      var failure =
          assertThrows(
              BuildException.class,
              () -> network.open(new NetworkRequest("one", NetworkPlan.NONE)));
      assertEquals(
          "bridge network: each of the subnets 10.89.0.0/16, 10.90.0.0/16 touches a route of the"
              + " host; configure one that is free",
          failure.getMessage());
    }
    assertEquals(BARE, host.links());
    assertEquals("", onHost("nft list ruleset"));
  }

  @Test
  void missingNftSaysWhatToInstall() throws Exception {
    var usual = config("one", "10.89.0.0/16");
    var config =
        new BridgeConfig(
            usual.root(),
            usual.lockDirectory(),
            "no-such-nft",
            usual.addresses(),
            usual.links(),
            usual.isolation());
    try (var network = new BridgeNetwork(config, host.thread(), THREADS, TestNames.of(host, dir))) {
      network.warmUp();
      var failure =
          assertThrows(
              IOException.class, () -> network.open(new NetworkRequest("one", NetworkPlan.NONE)));
      assertTrue(
          String.valueOf(failure.getMessage())
              .startsWith(
                  "the bridge network needs the program 'no-such-nft' (package nftables,"
                      + " 'apt-get install nftables'): "),
          failure.getMessage());
    }
    assertEquals(BARE, host.links());
  }

  @Test
  void twoHundredOneAfterTheOtherLeaveNothing() throws Exception {
    try (var network = network("one")) {
      var seen = new ArrayList<String>();
      for (int i = 0; i < 200; i++) {
        try (var handle = network.open(new NetworkRequest("step" + i, NetworkPlan.NONE))) {
          seen.addAll(handle.addresses());
        }
      }
      assertEquals(200, seen.stream().distinct().count());
      TestHost.await("all ports gone", () -> linkCount() == 3);
      String name = config("one", "10.89.0.0/16").bridgeName();
      TestHost.await("all neighbours forgotten", () -> neighbours(name).isEmpty());
    }
  }

  private String neighbours(String name) {
    try {
      return onHost("ip neigh show dev " + name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private int linkCount() {
    try {
      return host.links().size();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("a process that outlives its step keeps its address, but not its network")
  void portThatIsHeldIsCutOff() throws Exception {
    var setup = new BridgeSetup(config("one", "10.89.0.0/29"));
    Files.createDirectory(dir.resolve("run"));
    var made = host.thread().run(scope -> setup.make(scope, List.of()));
    var pool = new AddressPool(made.bridge().subnet(), 10);
    var leaving = new LeavingPorts(host.thread(), made.bridge(), pool, gone -> {}, THREADS, 100);
    int offset = pool.take();
    var network = host.thread().run(scope -> made.bridge().connect(scope, offset));
    var survivor = new ProcessBuilder("nsenter", "--net=" + network.path(), "sleep", "60").start();
    try {
      TestHost.await("the survivor is inside", () -> inside(survivor, network.path()));
      network.close();
      leaving.add(offset);
      TestHost.await("the port is gone", () -> pool.taken().length == 0);
      assertEquals(3, host.links().size());
      assertTrue(survivor.isAlive());
    } finally {
      survivor.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      host.thread().run(setup::remove);
      made.rules().close();
    }
  }

  private static boolean inside(Process process, Path network) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/net"))
          .equals(Files.readSymbolicLink(network));
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void rulesAreWhatTheyShouldBe() throws Exception {
    try (var network = network("one")) {
      network.warmUp();
      String table = config("one", "10.89.0.0/16").tableName();
      String rules = onHost("nft list table inet " + table);
      for (String hook : List.of("prerouting", "input", "forward", "postrouting")) {
        assertTrue(rules.contains("hook " + hook), rules);
      }
      assertTrue(rules.contains("ip saddr 10.89.0.0/16 oifname !="), rules);
      assertTrue(rules.contains("100.100.100.200, 168.63.129.16,"), rules);
    }
  }
}
