package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkProvider;
import dev.jbuild.network.diagnosis.Diagnosis;
import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Reports;
import dev.jbuild.network.meter.Meter;
import dev.jbuild.network.meter.Reading;
import dev.jbuild.network.meter.StepMeter;
import dev.jbuild.oci.Platform;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a step makes of its network: in the log, the ledger, the key and the failure. */
final class ExecStepTest {
  private final List<String> events = new ArrayList<>();
  private final StringBuilder log = new StringBuilder();
  private final List<Listener> host = new ArrayList<>();
  private final JobScope job = scope(NetworkPlan.NONE);
  private static final Set<Entitlement> HOST = Set.of(new Entitlement.NetworkHost());

  private String name = "RUN x";
  private NetworkReport report = Reports.in(NetMode.SANDBOX).build();
  private @Nullable IOException unreadable;
  private boolean independent;
  private ProcessRunner runner = request -> 0;

  private static JobScope scope(NetworkPlan plan) {
    return new JobScope(unused(), new EntitlementPolicy(new Grants(HOST, HOST)), plan, List.of());
  }

  /** What a step without mounts does not touch. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T unused() {
    return null;
  }

  private final class Network implements NetworkHandle {
    @Override
    public NetMode mode() {
      return report.mode();
    }

    @Override
    public @Nullable String namespacePath() {
      return null;
    }

    @Override
    public @Nullable String resolvConf() {
      return null;
    }

    @Override
    public List<String> addresses() {
      return List.of();
    }

    @Override
    public List<HostPorts> hostPorts() {
      return List.of();
    }

    @Override
    public NetworkReport report() throws IOException {
      events.add("report");
      if (unreadable != null) {
        throw unreadable;
      }
      return report;
    }

    @Override
    public void close() {
      events.add("close");
    }
  }

  /** Sees what the report has of peers. */
  private final class Watching implements Meter, StepMeter {
    @Override
    public StepMeter open(String stepId, NetMode mode) {
      return this;
    }

    @Override
    public @Nullable Path group() {
      return null;
    }

    @Override
    public Reading read() {
      return new Reading(report.quiet(), report.peers(), List.of());
    }

    @Override
    public void close() {}
  }

  private final class Context implements OpContext, VertexProgress {
    @Override
    public VertexProgress progress() {
      return this;
    }

    @Override
    public void independent() {
      independent = true;
    }

    @Override
    public void log(Stream stream, byte[] bytes, int offset, int length) {
      log.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void status(String id, long current, long total, boolean done) {}
  }

  private ExecStep step(LlbOp.ExecOp op, JobScope scope, String surroundings) {
    NetworkProvider provider = request -> new Network();
    var worker =
        new Worker(
            unused(),
            unused(),
            unused(),
            unused(),
            unused(),
            new StepNetworks(
                new BuildNetworks(provider, provider, provider, new Watching()),
                surroundings,
                new Diagnosis(() -> host)),
            request -> run(request),
            Platform.host(),
            unused(),
            new StepIds(),
            Clock.systemUTC());
    return new ExecStep(
        Steps.encoded(op, name), op, worker, new Trees(worker), scope, Place.request());
  }

  private int run(ProcessRequest request) throws IOException, InterruptedException {
    events.add("run");
    return runner.run(request);
  }

  private void execute() throws InterruptedException {
    var step = step(Steps.exec(NetMode.SANDBOX, "sh", "-c", "x"), job, "");
    step.execute(new Context(), List.of());
  }

  private String failure() {
    return assertThrows(BuildException.class, this::execute).message();
  }

  @Test
  void hostModeThatTheStepAskedForAndDidNotUseIsSaid() throws InterruptedException {
    report = Reports.in(NetMode.HOST).quiet().build();
    name = "[2/2] RUN --network=host x";
    execute();
    assertEquals(
        "note: HostNetworkNotUsed: this step has the host's network and opened no socket; its"
            + " '--network=host' can be left out\n",
        log.toString());
  }

  @Test
  void hostModeOfTheWholeBuildIsNotSaidToBeUnused() throws InterruptedException {
    report = Reports.in(NetMode.HOST).quiet().build();
    execute();
    assertEquals("", log.toString());
  }

  @Test
  void quietStepIsIndependentAndSaysNothing() throws InterruptedException {
    report = Reports.in(NetMode.SANDBOX).quiet().build();
    execute();

    assertTrue(independent);
    assertEquals("", log.toString());
    assertEquals(List.of("run", "report", "close"), events);
    assertEquals(report, job.ledger().page().steps().getFirst().report());
    assertEquals("RUN x", job.ledger().page().steps().getFirst().name());
  }

  @Test
  void stepWhoseLocalhostAnsweredIsIndependentAndOthersAreNot() throws InterruptedException {
    report = Reports.in(NetMode.SANDBOX).tcp("127.0.0.1", 80, State.ANSWERED).quiet().build();
    execute();
    assertTrue(independent);

    independent = false;
    report = Reports.in(NetMode.SANDBOX).tcp("127.0.0.1", 80, State.REFUSED).quiet().build();
    execute();
    assertFalse(independent);
  }

  @Test
  void stepThatUsedItsNetworkIsNotIndependentAndSaysWhomItMet() throws InterruptedException {
    report = Reports.in(NetMode.SANDBOX).tcp("192.0.2.7", 443, State.ANSWERED).build();
    execute();

    assertFalse(independent);
    assertEquals("network: tcp 192.0.2.7:443, 60 B sent, 40 B received\n", log.toString());
  }

  @Test
  void linesOfTheReportBeginALine() throws InterruptedException {
    byte[] open = "no line end".getBytes(StandardCharsets.UTF_8);
    runner =
        request -> {
          request.output().stderr(open, 0, open.length);
          return 0;
        };
    report = Reports.in(NetMode.SANDBOX).tcp("192.0.2.7", 443, State.ANSWERED).build();
    execute();

    assertEquals(
        "no line end\nnetwork: tcp 192.0.2.7:443, 60 B sent, 40 B received\n", log.toString());
  }

  @Test
  void failureIsExplainedBehindItsFirstLine() {
    runner = request -> 7;
    host.add(new Listener(Protocol.TCP, InetAddress.ofLiteral("127.0.0.1"), 5432));
    report =
        Reports.in(NetMode.SANDBOX)
            .tcp("127.0.0.1", 5432, State.REFUSED)
            .lookup("nosuch.example", "A", "NXDOMAIN", "10.0.0.2")
            .build();

    assertEquals(
        "process \"sh -c x\" did not complete successfully: exit code: 7\n"
            + "hint: connection refused to localhost:5432 inside the isolated network; the host"
            + " listens on 127.0.0.1:5432: add '--allow network.host=127.0.0.1:5432' or"
            + " '--network=host'\n"
            + "hint: name nosuch.example not found: the resolver 10.0.0.2 says that it does not"
            + " exist (NXDOMAIN)",
        failure());
    assertEquals(List.of("run", "report", "close"), events);
    assertEquals(1, job.ledger().page().steps().size());
  }

  @Test
  void failureWithoutEvidenceIsOneLineAndNeverIndependent() {
    runner = request -> 1;
    report = Reports.in(NetMode.SANDBOX).quiet().build();

    assertEquals("process \"sh -c x\" did not complete successfully: exit code: 1", failure());
    assertFalse(independent);
  }

  @Test
  void reportIsTakenWhenTheRunnerFails() {
    runner =
        request -> {
          throw new IOException("no cgroup");
        };

    assertEquals("running the step: no cgroup", failure());
    assertEquals(List.of("run", "report", "close"), events);
    assertEquals(1, job.ledger().page().steps().size());
  }

  @Test
  void reportIsTakenWhenTheRunnerRefuses() {
    runner =
        request -> {
          throw new BuildException(Code.INVALID, "no such user");
        };

    assertEquals("no such user", failure());
    assertEquals(List.of("run", "report", "close"), events);
  }

  @Test
  void cancelledStepIsNotReported() {
    runner =
        request -> {
          throw new InterruptedException();
        };
    assertThrows(InterruptedException.class, this::execute);
    runner =
        request -> {
          throw new InterruptedIOException();
        };
    assertThrows(InterruptedException.class, this::execute);

    assertEquals(List.of("run", "close", "run", "close"), events);
    assertEquals(0, job.ledger().page().steps().size());
  }

  @Test
  void stepThatCouldNotBeWatchedSucceedsAndIsNotIndependent() throws InterruptedException {
    unreadable = new IOException("map is gone");
    execute();

    assertFalse(independent);
    assertEquals(
        List.of("the step's traffic could not be read: map is gone"),
        job.ledger().page().steps().getFirst().report().notSeen());
  }

  @Test
  void keyHasTheNetworkAndTheIndependentKeyHasNot() {
    var egress = new NetworkPlan(DnsSettings.NONE, EgressRules.parse(List.of("deny=*")), List.of());
    CacheMap plain = map(NetMode.SANDBOX, NetworkPlan.NONE, "");

    for (CacheMap other :
        List.of(
            map(NetMode.HOST, NetworkPlan.NONE, ""),
            map(NetMode.SANDBOX, egress, ""),
            map(NetMode.SANDBOX, NetworkPlan.NONE, "deny=10.0.0.0/8"))) {
      assertEquals(plain.independent(), other.independent());
      assertFalse(plain.digest().equals(other.digest()));
    }
    assertEquals(map(NetMode.NONE, NetworkPlan.NONE, ""), map(NetMode.NONE, egress, "deny=*"));
  }

  private CacheMap map(NetMode mode, NetworkPlan plan, String surroundings) {
    return step(Steps.exec(mode), scope(plan), surroundings).cacheMap(new Context());
  }
}
