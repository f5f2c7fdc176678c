package dev.jbuild.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
              uid = 5
              gid = 7
              debugAddress = "127.0.0.1:6060"
              [grpc.tls]
                cert = "/c.pem"
                key = "/k.pem"
                ca = "/ca.pem"

            [worker.oci]
              max-parallelism = 4
              networkMode = "bridge"
              bridgeName = "br7"
              bridgeSubnet = "10.7.0.0/16"
              cniPoolSize = 3
              snapshotter = "native"
              binary = "/usr/bin/runc"
              platforms = [ "linux/amd64", "linux/arm64" ]
              [worker.oci.labels]
                "a.b" = "c"

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
              [[registry."example.org".keypair]]
                key = "/k.pem"
                cert = "/c.pem"

            [history]
              maxAge = "24h"
              maxEntries = 7
            [frontend."dockerfile.v0"]
              enabled = true
            [frontend."gateway.v0"]
              enabled = false
              allowedRepositories = [ "docker.io/docker/dockerfile" ]
            [log]
              format = "json"

            [[client]]
              uid = 1000
              entitlements = [ "network.host" ]
            [[client]]
              certificate = "ci.example.org"
            [[client]]
              group = "staff"
            [[client]]
              entitlements = []
            """);
    assertEquals(Path.of("/srv/jbuild"), config.root());
    assertEquals(LogSettings.Level.DEBUG, config.log().level());
    assertEquals(Set.of("network.host", "security.insecure"), config.insecureEntitlements());
    assertEquals(
        List.of(
            new ListenAddress.Unix(Path.of("/run/x.sock")),
            new ListenAddress.Tcp("127.0.0.1", 1234)),
        config.addresses());
    assertEquals(
        new DaemonConfig.Worker(
            4,
            "bridge",
            "native",
            "/usr/bin/runc",
            Map.of("a.b", "c"),
            List.of(new Platform("linux", "amd64", ""), new Platform("linux", "arm64", "")),
            GcSettings.DEFAULT),
        config.worker());
    assertEquals(
        new NetworkConfig(
            3, "br7", "10.7.0.0/16", NetworkConfig.Ipv6.AUTO, 0, false, false, EgressRules.NONE),
        config.network());
    assertEquals(
        DnsSettings.parse(List.of("10.0.0.1"), List.of("example.org"), List.of("ndots:0")),
        config.dns());
    assertEquals(
        new DaemonConfig.Registry(true, false, List.of(), List.of(), List.of()),
        config.registries().get("localhost:5000"));
    assertEquals(
        new DaemonConfig.Registry(
            false,
            true,
            List.of("m.example.org"),
            List.of(Path.of("/etc/ca.pem")),
            List.of(new DaemonConfig.Registry.KeyPair(Path.of("/c.pem"), Path.of("/k.pem")))),
        config.registries().get("example.org"));
    assertEquals(
        new ServerConfig.TlsFiles(Path.of("/c.pem"), Path.of("/k.pem"), Path.of("/ca.pem")),
        config.server().tls());
    assertEquals(new ServerConfig.SocketOwner(5, "7"), config.server().owner());
    assertEquals(new ListenAddress.Tcp("127.0.0.1", 6060), config.server().debugAddress());
    assertEquals(new HistorySettings(Duration.ofHours(24), 7), config.history());
    assertEquals(
        new FrontendSettings(true, false, List.of("docker.io/docker/dockerfile")),
        config.frontends());
    assertEquals(LogSettings.Format.JSON, config.log().format());
    assertEquals(
        List.of(
            new ClientGrants(
                new ClientGrants.ByUser("1000"), new TreeSet<>(Set.of("network.host"))),
            new ClientGrants(new ClientGrants.ByCertificate("ci.example.org"), new TreeSet<>()),
            new ClientGrants(new ClientGrants.ByGroup("staff"), new TreeSet<>()),
            new ClientGrants(new ClientGrants.Anyone(), new TreeSet<>())),
        config.clients());
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
              gcc = true
            [worker.containerd]
              enabled = false
              anything = 1
            [[client]]
              uuid = 1
            """);
    assertEquals(
        List.of(
            "f.toml:9: client[0].uuid: unknown key, ignored",
            "f.toml:4: worker.oci.gcc: unknown key, ignored",
            "f.toml:1: rooot: unknown key, ignored"),
        parsed.warnings());
  }

  @Test
  void keysThatChangeNothingAreWarnedOf() {
    var parsed =
        ConfigFile.parse(
            "f.toml",
            """
            provenanceEnvDir = "/p"
            [otel]
              socketPath = "/s"
            [cdi]
              specDirs = [ "/c" ]
            [system]
              platformsCacheMaxAge = "1h"
            """);
    assertEquals(
        List.of(
            "f.toml:1: provenanceEnvDir: has no effect: jbuild writes no provenance yet",
            "f.toml:3: otel.socketPath: has no effect: jbuild collects no traces of steps",
            "f.toml:5: cdi.specDirs: has no effect: jbuild gives no devices to steps yet",
            "f.toml:7: system.platformsCacheMaxAge: has no effect: platforms are not cached"),
        parsed.warnings());
  }

  @Test
  void limitsOfTheCacheAreRead() {
    var gc =
        reads(
                """
                [worker.oci]
                  gc = false
                  reservedSpace = "30%"
                  maxUsedSpace = "1.5GB"
                  minFreeSpace = 1000
                  [[worker.oci.gcpolicy]]
                    keepDuration = "48h30m"
                    filters = [ "type==source.local" ]
                    keepBytes = "512MB"
                  [[worker.oci.gcpolicy]]
                    all = true
                    keepDuration = 60
                """)
            .worker()
            .gc();
    assertEquals(
        new GcSettings(
            false,
            new GcSettings.Space(
                new DiskSpace(0, 30), new DiskSpace(3L << 29, 0), new DiskSpace(1000, 0)),
            List.of(
                new GcSettings.Policy(
                    false,
                    Duration.ofMinutes(48 * 60 + 30),
                    List.of("type==source.local"),
                    new GcSettings.Space(
                        new DiskSpace(512L << 20, 0), DiskSpace.NONE, DiskSpace.NONE)),
                new GcSettings.Policy(
                    true, Duration.ofMinutes(1), List.of(), GcSettings.Space.NONE))),
        gc);
    assertEquals(30_000, gc.space().reserved().of(100_000));
    wrong(
        "[worker.oci]\nreservedSpace = \"x\"\n",
        "f.toml:2: worker.oci.reservedSpace: want bytes, a size such as \"512MB\", or \"10%\" of the"
            + " disk, got \"x\"");
    wrong(
        "[[worker.oci.gcpolicy]]\nkeepDuration = \"2 days\"\n",
        "f.toml:2: worker.oci.gcpolicy[0].keepDuration: want seconds, or a duration such as"
            + " \"48h\", got \"2 days\"");
  }

  @Test
  void whatIsNotThereIsRefused() {
    wrong(
        "[worker.oci]\nenabled = false\n",
        "f.toml:2: worker.oci.enabled: 'false' leaves no worker: jbuild has only this one");
    wrong(
        "[worker.containerd]\nenabled = true\n",
        "f.toml:2: worker.containerd.enabled: 'true' is not offered: jbuild runs steps itself; use"
            + " the oci worker");
    wrong(
        "[worker.oci]\nselinux = true\n",
        "f.toml:2: worker.oci.selinux: 'true' is not offered: steps get no SELinux labels; leave it"
            + " out");
    wrong(
        "[worker.oci]\napparmor-profile = \"p\"\n",
        "f.toml:2: worker.oci.apparmor-profile: 'p' is not offered: steps get no AppArmor profile");
  }

  @Test
  void tlsNeedsAllOfItsFiles() {
    wrong(
        "[grpc.tls]\ncert = \"/c\"\nkey = \"/k\"\n",
        "f.toml:2: grpc.tls.cert: TLS needs the server's certificate and key and the authority of"
            + " its clients: give all of --tlscert, --tlskey and --tlscacert");
  }

  @Test
  void healthAndMetricsAreForThisHost() {
    wrong(
        "[grpc]\ndebugAddress = \"0.0.0.0:6060\"\n",
        "f.toml:2: grpc.debugAddress: '0.0.0.0:6060' is not loopback: who reaches it sees what the"
            + " daemon does; use 127.0.0.1:6060 or unix:///PATH");
  }

  @Test
  void aClientHasOneIdentity() {
    wrong(
        "[[client]]\nuid = 1\ngroup = \"g\"\n",
        "f.toml:1: client[0]: want one of uid, user, gid, group, certificate, got several");
  }

  @Test
  void aBridgeOfCniIsTakenOver(@TempDir Path directory) throws IOException {
    Path cni = directory.resolve("cni.json");
    Files.writeString(
        cni,
        """
        {"cniVersion":"1.0.0","name":"buildkit","plugins":[{"type":"loopback"},
         {"type":"bridge","bridge":"bk0","ipMasq":true,
          "ipam":{"type":"host-local","ranges":[[{"subnet":"10.10.0.0/16"}]]}},
         {"type":"firewall"}]}
        """);
    String text = "[worker.oci]\nnetworkMode = \"cni\"\ncniConfigPath = \"" + cni + "\"\n";
    var config = reads(text);
    assertEquals("bridge", config.worker().networkMode());
    assertEquals("bk0", config.network().bridgeName());
    assertEquals("10.10.0.0/16", config.network().subnet());
    Files.writeString(cni, "{\"type\":\"macvlan\"}");
    wrong(
        text,
        "f.toml:3: worker.oci.cniConfigPath: '"
            + cni
            + "' asks for the CNI plugin 'macvlan', which is not offered: jbuild makes bridges"
            + " itself; want a configuration of type bridge, or networkMode bridge");
    Files.delete(cni);
    wrong(
        text,
        "f.toml:3: worker.oci.cniConfigPath: mode 'cni' needs a CNI configuration, and '"
            + cni
            + "' can not be read");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path missing = Path.of("/nowhere/jbuildd.toml");
    assertEquals(
        "configuration '/nowhere/jbuildd.toml' is not there",
        assertThrows(BuildException.class, () -> ConfigFile.read(missing)).message());
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
        "f.toml:2: grpc.address: address 'npipe://x': named pipes are of Windows; want unix:///PATH"
            + " or tcp://HOST:PORT");
    wrong(
        "[grpc]\naddress = [ \"unix://x.sock\" ]\n",
        "f.toml:2: grpc.address: address 'unix://x.sock': the path of a Unix socket must be"
            + " absolute");
    wrong(
        "[grpc]\naddress = [ \"tcp://h:70000\" ]\n",
        "f.toml:2: grpc.address: address 'tcp://h:70000': a port is at most 65535");
    wrong(
        "[grpc]\naddress = [ \"/run/x.sock\" ]\n",
        "f.toml:2: grpc.address: address '/run/x.sock': it names no protocol; want unix:///PATH or"
            + " tcp://HOST:PORT");
    assertEquals("tcp://[::1]:80", ListenAddress.parse("tcp://[::1]:80").toString());
    assertEquals(new ListenAddress.Activated(), ListenAddress.parse("fd://"));
  }
}
