package dev.jbuild.daemon.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DaemonFlagsTest {
  private static final Map<String, String> ENV = Map.of("JBUILD_ROOT", "/srv/state");

  @Test
  void theEnvironmentChoosesTheStateDirectory() {
    String[] args = DaemonFlags.withEnvironment(ENV, "--debug");
    assertArrayEquals(new String[] {"--root=/srv/state", "--debug"}, args);
    assertEquals(Path.of("/srv/state"), DaemonFlags.parse(args).config().config().root());
  }

  @Test
  void aFlagCountsMoreThanTheEnvironment() {
    String[] args = DaemonFlags.withEnvironment(ENV, "--root", "/other");
    assertEquals(Path.of("/other"), DaemonFlags.parse(args).config().config().root());
  }

  @Test
  void withoutEnvironmentTheArgumentsStayAsTheyAre() {
    assertArrayEquals(new String[] {"--debug"}, DaemonFlags.withEnvironment(Map.of(), "--debug"));
  }

  @Test
  void grantsMayBeRepeatedAndListed() {
    var config =
        DaemonFlags.parse(
                "--allow-insecure-entitlement",
                "network.host,security.insecure",
                "--allow-insecure-entitlement=network.host")
            .config()
            .config();
    assertEquals(
        new TreeSet<>(List.of("network.host", "security.insecure")), config.insecureEntitlements());
  }

  private static void wrong(String message, String... args) {
    var flags = DaemonFlags.parse(args);
    assertEquals(message, assertThrows(BuildException.class, flags::config).message());
  }

  @Test
  void portsOfTheHostMayBeGranted() {
    var config =
        DaemonFlags.parse(
                "--allow-insecure-entitlement",
                "network.host=127.0.0.1:5000-5999,network.host=[::1]:80")
            .config()
            .config();
    assertEquals(
        new TreeSet<>(List.of("network.host=127.0.0.1:5000-5999", "network.host=[::1]:80")),
        config.insecureEntitlements());
  }

  @Test
  void aGrantThatCanNotBeReadIsNamed() {
    wrong(
        "want address and port of the host such as 127.0.0.1:5432 or 127.0.0.1:5000-5999, got"
            + " '5000'",
        "--allow-insecure-entitlement=network.host=5000");
  }

  @Test
  void theNetworkHasBuildkitdsFlags() {
    var config =
        DaemonFlags.parse("--oci-worker-net=bridge", "--oci-cni-pool-size", "32").config().config();
    assertEquals("bridge", config.worker().networkMode());
    assertEquals(32, config.poolSize());
  }

  @Test
  void thePoolIsSmallerInTheClientsProcess() {
    var daemon = DaemonFlags.parse().config().config();
    assertEquals(8, daemon.poolSize());
    assertEquals(2, daemon.inProcess(Path.of("/x"), new TreeSet<>()).poolSize());
    var told = DaemonFlags.parse("--oci-cni-pool-size=5").config().config();
    assertEquals(5, told.inProcess(Path.of("/x"), new TreeSet<>()).poolSize());
  }

  @Test
  void wrongFlagsOfTheNetworkAreNamed() {
    wrong(
        "--oci-cni-pool-size: want a number from 0 to 1000, got '1001'",
        "--oci-cni-pool-size=1001");
    wrong(
        "--oci-worker-net: 'host' is not offered as the default: a step has an isolated network"
            + " unless its build asks with --network=host; want auto or bridge",
        "--oci-worker-net=host");
    wrong(
        "--oci-worker-net: 'cni' is not offered: jbuild makes its own bridge; want auto or bridge",
        "--oci-worker-net=cni");
    wrong("--oci-worker-net: want one of auto, bridge, got 'x'", "--oci-worker-net=x");
  }

  @Test
  void anUnknownArgumentIsNamed() {
    var failure = assertThrows(BuildException.class, () -> DaemonFlags.parse("--rot", "/x"));
    assertEquals("unknown argument '--rot', see 'jbuildd --help'", failure.message());
  }

  @Test
  void aFlagWithoutItsValueIsNamed() {
    var failure = assertThrows(BuildException.class, () -> DaemonFlags.parse("--root"));
    assertEquals("--root: a value is missing", failure.message());
  }

  @Test
  void tcpIsRefusedOutsideOfLoopback() {
    var flags = DaemonFlags.parse("--addr", "tcp://0.0.0.0:1234");
    var failure = assertThrows(BuildException.class, flags::config);
    assertEquals(
        "address 'tcp://0.0.0.0:1234': without TLS, which is not offered yet, TCP is served on"
            + " loopback only; use tcp://127.0.0.1:1234 or a unix:// address",
        failure.message());
  }
}
