package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.ExitCode;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.network.bridge.BridgeConfig;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.SolveRequest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is not granted is refused with the remedy, and nothing of the build has run then. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalTest {
  private static final String HOST_STEP =
      """
      FROM base
      RUN touch /marker-of-an-earlier-step
      RUN --network=host true
      """;
  private static final String INSECURE_STEP =
      """
      FROM base
      RUN touch /marker-of-an-earlier-step
      RUN --security=insecure grep CapEff /proc/self/status >/capabilities
      """;
  private static final String REQUEST_REMEDY =
      "build with '--allow network.host' or, for the whole build, '--network=host'";
  private static final String DAEMON_REMEDY =
      "start the daemon with 'jbuildd --allow-insecure-entitlement network.host' or put"
          + " 'insecure-entitlements = [\"network.host\"]' into jbuildd.toml";
  private static final String STEP_NEEDS =
      "Dockerfile:3: '[3/3] RUN --network=host true' needs the entitlement network.host, ";

  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  /** Neither a bridge nor a step nor a layer of one. */
  private void nothingRan(Outcome outcome) throws IOException {
    assertFalse(outcome.err().contains("[2/3] RUN"), outcome::err);
    assertEquals(List.of(), host.stateFiles("run"));
    assertFalse(
        Files.exists(Path.of("/sys/class/net", BridgeConfig.usual(host.root()).bridgeName())));
    assertEquals(List.of(), markers());
  }

  private List<Path> markers() throws IOException {
    var found = new ArrayList<Path>();
    try (var files = Files.walk(host.root())) {
      files.filter(file -> file.endsWith("marker-of-an-earlier-step")).forEach(found::add);
    }
    return found;
  }

  private Outcome build(DaemonProcess daemon, String dockerfile, String... flags)
      throws IOException {
    var args = new ArrayList<String>(List.of("--addr", daemon.address(), "build"));
    args.add("--progress=plain");
    args.addAll(List.of(flags));
    args.add(host.context(dockerfile).toString());
    return host.jbuild(args.toArray(String[]::new));
  }

  @Test
  void inThisProcessOnlyTheRequestsGrantIsMissing() throws Exception {
    Outcome outcome = host.build(HOST_STEP).endedWith(ExitCode.PERMISSION_DENIED);
    assertEquals(
        STEP_NEEDS + "which the request does not grant: " + REQUEST_REMEDY, outcome.error());
    assertTrue(
        outcome
            .err()
            .contains(
                "missing grant: network.host, not given by the request\n  to give it: "
                    + REQUEST_REMEDY
                    + "\n"),
        outcome::err);
    nothingRan(outcome);
  }

  @Test
  void insecureStepIsRefusedWithoutGrantAndRunsWithIt() throws Exception {
    Outcome outcome = host.build(INSECURE_STEP).endedWith(ExitCode.PERMISSION_DENIED);
    assertEquals(
        "Dockerfile:3: '[3/3] RUN --security=insecure grep CapEff /proc/self/status"
            + " >/capabilities' needs the entitlement security.insecure, which the request does"
            + " not grant: build with '--allow security.insecure'",
        outcome.error());
    nothingRan(outcome);
    Path granted =
        host.exported(
            INSECURE_STEP.replace("marker-of-an-earlier-step", "other"),
            "--allow=security.insecure");
    String capabilities = Files.readString(granted.resolve("capabilities"));
    long effective = Long.parseUnsignedLong(capabilities.split("\\s+", 0)[1], 16);
    assertEquals(1L << 21, effective & 1L << 21, "CAP_SYS_ADMIN of " + capabilities);
  }

  @Test
  void daemonWithoutGrantRefusesTheStep() throws Exception {
    try (var daemon = DaemonProcess.over(host)) {
      Outcome outcome = build(daemon, HOST_STEP).endedWith(ExitCode.PERMISSION_DENIED);
      assertEquals(
          STEP_NEEDS
              + "which neither the request nor the daemon grants: "
              + REQUEST_REMEDY
              + ", and "
              + DAEMON_REMEDY,
          outcome.error());
      nothingRan(outcome);
    }
  }

  @Test
  void daemonWithoutGrantRefusesTheRequest() throws Exception {
    String expected =
        "the request needs the entitlement network.host, which the daemon does not grant: "
            + DAEMON_REMEDY;
    try (var daemon = DaemonProcess.over(host)) {
      for (String flag : List.of("--allow=network.host", "--network=host")) {
        Outcome outcome = build(daemon, HOST_STEP, flag).endedWith(ExitCode.PERMISSION_DENIED);
        assertEquals(expected, outcome.error());
        nothingRan(outcome);
      }
    }
  }

  @Test
  void daemonsGrantAloneIsNotEnough() throws Exception {
    try (var daemon = grantingDaemon()) {
      Outcome outcome = build(daemon, HOST_STEP).endedWith(ExitCode.PERMISSION_DENIED);
      assertEquals(
          STEP_NEEDS + "which the request does not grant: " + REQUEST_REMEDY, outcome.error());
      nothingRan(outcome);
    }
  }

  @Test
  void grantsOfBothSidesAreEnough() throws Exception {
    try (var daemon = grantingDaemon()) {
      String dockerfile = HOST_STEP.replace("marker-of-an-earlier-step", "other");
      build(daemon, dockerfile, "--allow=network.host").succeeded();
      build(daemon, dockerfile, "--network=host").succeeded();
    }
  }

  private DaemonProcess grantingDaemon() throws Exception {
    return DaemonProcess.over(host, "--allow-insecure-entitlement=network.host");
  }

  @Test
  void craftedGraphOverGrpcIsRefused() throws Exception {
    try (var daemon =
        DaemonProcess.at(
            host,
            "tcp://127.0.0.1:" + HostServices.freePort(),
            "--allow-insecure-entitlement=network.host")) {
      var channel =
          NettyChannelBuilder.forTarget(daemon.address().substring("tcp://".length()))
              .usePlaintext()
              .build();
      try {
        var request =
            SolveRequest.newBuilder()
                .setRef("crafted")
                .setDefinition(DefinitionEncoder.toWire(DefinitionEncoder.encode(crafted())))
                .build();
        var refused =
            assertThrows(
                StatusRuntimeException.class,
                () -> ControlGrpc.newBlockingStub(channel).solve(request));
        assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
        assertEquals(
            "'the crafted step' needs the entitlement network.host, which the request does not"
                + " grant: "
                + REQUEST_REMEDY,
            refused.getStatus().getDescription());
      } finally {
        channel.shutdownNow();
      }
      nothingRan(new Outcome(0, "", daemon.log()));
    }
  }

  /** A step that leaves a marker, and one on it that wants the host's network. */
  private static OpNode.Output crafted() {
    var image =
        new OpNode(
            new LlbOp.SourceOp("docker-image://docker.io/library/base:latest", Map.of()),
            List.of(),
            null,
            OpMetadata.NONE,
            List.of());
    var earlier =
        step(image.output(0), NetMode.SANDBOX, "the earlier step", "/marker-of-an-earlier-step");
    return step(earlier.output(0), NetMode.HOST, "the crafted step", "/late").output(0);
  }

  private static OpNode step(OpNode.Output input, NetMode network, String name, String file) {
    var meta =
        new ExecMeta(
            List.of("/bin/busybox", "touch", file),
            List.of(),
            "/",
            "",
            ExecMeta.ProxyEnv.NONE,
            List.of(),
            "",
            List.of(),
            "",
            false,
            List.of());
    var exec =
        new LlbOp.ExecOp(
            meta,
            List.of(MountSpec.bind(0, "/", 0, false)),
            network,
            SecurityMode.SANDBOX,
            List.of(),
            List.of());
    return new OpNode(exec, List.of(input), null, OpMetadata.named(name), List.of());
  }
}
