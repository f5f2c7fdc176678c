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
