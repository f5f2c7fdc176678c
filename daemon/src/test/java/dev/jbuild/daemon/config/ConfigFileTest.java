package dev.jbuild.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigFileTest {
  private static DaemonConfig reads(String text) {
    var parsed = ConfigFile.parse("f.toml", text);
    assertEquals(List.of(), parsed.warnings());
    return parsed.config();
  }

  private static void wrong(String text, String message) {
    var e = assertThrows(BuildException.class, () -> ConfigFile.parse("f.toml", text));
    assertEquals(message, e.message());
    assertEquals(Code.INVALID, e.code());
  }

  @Test
  void anEmptyFileIsTheDefaults() {
    assertEquals(DaemonConfig.defaults(), reads(""));
  }

  @Test
  void everyKeyIsRead() {
    var config =
        reads(
            """
            root = "/srv/jbuild"
            debug = true
            insecure-entitlements = [ "network.host", "security.insecure" ]

            [grpc]
              address = [ "unix:///run/x.sock", "tcp://127.0.0.1:1234" ]

            [worker.oci]
              max-parallelism = 4
              networkMode = "bridge"
              bridgeName = "br7"
              bridgeSubnet = "10.7.0.0/16"
              cniPoolSize = 3
              snapshotter = "native"
              binary = "/usr/bin/runc"

            [dns]
              nameservers = [ "10.0.0.1" ]
              options = [ "ndots:0" ]
              searchDomains = [ "example.org" ]

            [registry."localhost:5000"]
              http = true
            [registry."example.org"]
              insecure = true
              mirrors = [ "m.example.org" ]
              ca = [ "/etc/ca.pem" ]
            """);
    assertEquals(Path.of("/srv/jbuild"), config.root());
    assertTrue(config.debug());
    assertEquals(Set.of("network.host", "security.insecure"), config.insecureEntitlements());
    assertEquals(
        List.of(
            new ListenAddress.Unix(Path.of("/run/x.sock")),
            new ListenAddress.Tcp("127.0.0.1", 1234)),
        config.addresses());
    assertEquals(new DaemonConfig.Worker(4, "bridge", "native", "/usr/bin/runc"), config.worker());
    assertEquals(
        new NetworkConfig(
            3, "br7", "10.7.0.0/16", NetworkConfig.Ipv6.AUTO, 0, false, false, EgressRules.NONE),
        config.network());
    assertEquals(
        DnsSettings.parse(List.of("10.0.0.1"), List.of("example.org"), List.of("ndots:0")),
        config.dns());
    assertEquals(
        new DaemonConfig.Registry(true, false, List.of(), List.of()),
        config.registries().get("localhost:5000"));
    assertEquals(
        new DaemonConfig.Registry(
            false, true, List.of("m.example.org"), List.of(Path.of("/etc/ca.pem"))),
        config.registries().get("example.org"));
  }

  @Test
  void unknownKeysAreWarnedOfByNameAndLine() {
    var parsed =
        ConfigFile.parse(
            "f.toml",
            """
            rooot = "/x"
            [worker.oci]
              gc = true
            [worker.containerd]
              enabled = false
            """);
    assertEquals(
        List.of(
            "f.toml:3: worker.oci.gc: unknown key, ignored",
            "f.toml:4: worker.containerd: unknown key, ignored",
            "f.toml:1: rooot: unknown key, ignored"),
        parsed.warnings());
  }

  @Test
  void wrongTypesAreNamedWithTheirLine() {
    wrong("root = 7\n", "f.toml:1: root: want a string, got 7");
    wrong("\ndebug = \"yes\"\n", "f.toml:2: debug: want true or false, got \"yes\"");
    wrong("grpc = 1\n", "f.toml:1: grpc: want a table, got 1");
    wrong(
        "[worker.oci]\nmax-parallelism = -1\n",
        "f.toml:2: worker.oci.max-parallelism: want a number from 0 to 100000, got -1");
    wrong(
        "[dns]\n\nnameservers = \"10.0.0.1\"\n",
        "f.toml:3: dns.nameservers: want a list of strings, got \"10.0.0.1\"");
    wrong(
        "[worker.oci]\nsnapshotter = \"zfs\"\n",
        "f.toml:2: worker.oci.snapshotter: want one of auto, overlayfs, native, got 'zfs'");
    wrong(
        "[registry.\"a:1\"]\nhttp = 1\n", "f.toml:2: registry.a:1.http: want true or false, got 1");
  }

  @Test
  void textThatIsNoTomlHasItsLine() {
    var e = assertThrows(BuildException.class, () -> ConfigFile.parse("f.toml", "a = 1\nb ="));
    assertTrue(e.message().startsWith("f.toml:2: "), e.message());
  }

  @Test
  void addressesAreChecked() {
    wrong(
        "[grpc]\naddress = [ \"npipe://x\" ]\n",
        "address 'npipe://x': want unix:///PATH or tcp://HOST:PORT");
    wrong(
        "[grpc]\naddress = [ \"unix://x.sock\" ]\n",
        "address 'unix://x.sock': the path of a Unix socket must be absolute");
    wrong(
        "[grpc]\naddress = [ \"tcp://h:70000\" ]\n",
        "address 'tcp://h:70000': a port is at most 65535");
    assertEquals("tcp://[::1]:80", ListenAddress.parse("tcp://[::1]:80").toString());
  }
}
