package dev.jbuild.daemon.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.daemon.config.DaemonFlags.Action;
import dev.jbuild.error.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        "--allow-insecure-entitlement: want address and port of the host such as 127.0.0.1:5432 or 127.0.0.1:5000-5999, got"
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
        "--oci-cni-pool-size: want a number from 0 to 1000, got 1001", "--oci-cni-pool-size=1001");
    wrong(
        "--oci-worker-net: 'host' is not offered as the default: a step has an isolated network"
            + " unless its build asks with --network=host; want auto or bridge",
        "--oci-worker-net=host");
    wrong(
        "--oci-cni-config-path: mode 'cni' needs a CNI configuration, and '/no/cni.json' can not be"
            + " read",
        "--oci-worker-net=cni",
        "--oci-cni-config-path=/no/cni.json");
    wrong("--oci-worker-net: want one of auto, bridge, cni, got 'x'", "--oci-worker-net=x");
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
  void tcpNeedsTlsUnlessItIsToldOtherwise() {
    wrong(
        "--addr: 'tcp://127.0.0.1:1234' needs TLS with client certificates: give --tlscert, --tlskey"
            + " and --tlscacert, or use a unix:// address; on loopback it may also be served"
            + " without, to every user of this host, with --tcp-without-tls",
        "--addr",
        "tcp://127.0.0.1:1234");
    wrong(
        "--addr: 'tcp://0.0.0.0:1234' is not loopback and needs TLS with client certificates, also"
            + " with --tcp-without-tls: give --tlscert, --tlskey and --tlscacert, or use"
            + " tcp://127.0.0.1:1234",
        "--addr",
        "tcp://0.0.0.0:1234",
        "--tcp-without-tls");
    reads("--addr=tcp://127.0.0.1:1234", "--tcp-without-tls");
    var tls =
        reads("--addr=tcp://0.0.0.0:1234", "--tlscert=/c", "--tlskey=/k", "--tlscacert", "/a");
    assertEquals(
        new ServerConfig.TlsFiles(Path.of("/c"), Path.of("/k"), Path.of("/a")), tls.server().tls());
  }

  private static DaemonConfig reads(String... args) {
    return DaemonFlags.parse(args).config().config();
  }

  @Test
  void flagsAreWrittenAsGoTakesThem() {
    assertEquals(LogSettings.Level.DEBUG, reads("-debug").log().level());
    assertEquals(LogSettings.Level.INFO, reads("--debug=false").log().level());
    assertEquals(LogSettings.Level.TRACE, reads("--debug=T", "-trace=1").log().level());
    assertEquals(Path.of("/x"), reads("-root", "/x").root());
    wrong("--debug: want true or false, got 'yes'", "--debug=yes");
    assertEquals(Action.SHOW_VERSION, DaemonFlags.parse("-v").action());
    assertEquals(Action.SHOW_HELP, DaemonFlags.parse("-help").action());
  }

  @Test
  void theLineOfTestHarnessesIsUnderstood(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("c.toml"), "[otel]\nsocketPath = \"/s\"\n");
    var config =
        DaemonFlags.parse(
                Program.BUILDKITD,
                "--oci-worker=true",
                "--containerd-worker=false",
                "--oci-worker-gc=false",
                "--oci-worker-labels=org.mobyproject.buildkit.worker.sandbox=true",
                "--config=" + file,
                "--root",
                "/d",
                "--addr",
                "unix:///s",
                "--debug")
            .config()
            .config();
    assertEquals(Path.of("/d"), config.root());
    assertEquals(List.of(new ListenAddress.Unix(Path.of("/s"))), config.addresses());
    assertEquals(
        Map.of("org.mobyproject.buildkit.worker.sandbox", "true"), config.worker().labels());
    assertEquals(false, config.worker().gc().enabled());
  }

  @Test
  void flagsStandInPlaceOfTheFile(@TempDir Path directory) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("c.toml"),
            """
            insecure-entitlements = [ "network.host" ]
            [worker.oci]
              max-parallelism = 3
              [worker.oci.labels]
                a = "1"
                b = "2"
            """);
    var config =
        reads(
            "--config=" + file,
            "--allow-insecure-entitlement=security.insecure",
            "--oci-worker-labels=b=3",
            "--oci-worker-gc-keepstorage=10,20");
    assertEquals(new TreeSet<>(List.of("security.insecure")), config.insecureEntitlements());
    assertEquals(Map.of("a", "1", "b", "3"), config.worker().labels());
    assertEquals(3, config.worker().maxParallelism());
    assertEquals(new DiskSpace(10_000_000, 0), config.worker().gc().space().reserved());
    assertEquals(new DiskSpace(20_000_000, 0), config.worker().gc().space().minFree());
  }

  @Test
  void whatIsNotThereIsRefused() {
    wrong("--oci-worker: 'false' leaves no worker: jbuild has only this one", "--oci-worker=false");
    wrong(
        "--containerd-worker: 'true' is not offered: jbuild runs steps itself; use the oci worker",
        "--containerd-worker=true");
    wrong("--oci-worker: want true, false or auto, got 'maybe'", "--oci-worker=maybe");
    wrong("--rootless: 'true' is not offered: run the daemon as root", "--rootless");
    wrong(
        "--oci-worker-snapshotter: want one of auto, overlayfs, native, got 'stargz'",
        "--oci-worker-snapshotter=stargz");
    wrong("--log-format: want one of text, json, got 'xml'", "--log-format=xml");
    reads("--oci-worker=auto", "--containerd-worker=auto", "--containerd-worker-addr=/x");
  }

  @Test
  void defaultsGoWithTheName() {
    var config = DaemonFlags.parse(Program.BUILDKITD).config().config();
    assertEquals(Path.of("/var/lib/buildkit"), config.root());
    assertEquals(
        List.of(new ListenAddress.Unix(Path.of("/run/buildkit/buildkitd.sock"))),
        config.addresses());
    assertEquals(
        List.of(new ListenAddress.Unix(Path.of("/run/jbuild/jbuildd.sock"))), reads().addresses());
  }
}
