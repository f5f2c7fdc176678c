package dev.jbuild.daemon.api;

import static dev.jbuild.daemon.api.Refusals.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SecurityMode;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.InfoRequest;
import moby.buildkit.v1.ListWorkersRequest;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.StatusRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ControlServiceTest {
  static final String STOPPED =
      "the daemon was told to stop, which ended the build: run it again when the daemon is back;"
          + " steps that are done are kept";

  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private StatusRuntimeException refused(SolveRequest.Builder request) {
    return assertThrows(StatusRuntimeException.class, () -> api.control().solve(request.build()));
  }

  private static List<String> details(StatusRuntimeException e) {
    return StatusProto.fromThrowable(e).getDetailsList().stream()
        .map(any -> any.getTypeUrl() + " " + any.getValue().toStringUtf8())
        .toList();
  }

  @Test
  void aGraphWithoutExporterSucceedsWithNothing() {
    var response = api.control().solve(ApiHarness.graph("r1", "print").build());
    assertEquals(Map.of(), response.getExporterResponseMap());
    assertEquals(1, api.engine.executions.get());
    assertEquals(0, api.engine.solver.open.get());
  }

  @Test
  void aFrontendReadsItsInputAndIsExported() {
    var response =
        api.control()
            .solve(
                SolveRequest.newBuilder()
                    .setRef("r2")
                    .setFrontend("dockerfile.v0")
                    .putFrontendAttrs("build-arg:SOURCE_DATE_EPOCH", "42")
                    .putFrontendInputs("dockerfile", ApiHarness.definition(ToyEngine.op("mine")))
                    .setExporterDeprecated("oci")
                    .addExporters(Exporter.newBuilder().setType("oci").putAttrs("name", "a"))
                    .build());
    assertEquals(
        Map.of(
            "containerimage.digest",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "attrs",
            "{name=a, source-date-epoch=42}",
            "frontend.x",
            "y"),
        response.getExporterResponseMap());
    assertEquals(
        List.of(
            "toy mine",
            "toy print",
            "[internal] load metadata for docker.io/library/x:1",
            "exporting to oci image format"),
        api.ended("r2"));
  }

  @Test
  void lateReadersGetEverythingAndTheStreamEnds() {
    api.control().solve(ApiHarness.graph("r3", "print").build());
    var status = api.status("r3");
    assertEquals(3, status.getVertexesCount());
    assertFalse(status.getVertexes(0).hasStarted());
    assertEquals(
        "hello\nwörld",
        status.getLogs(0).getMsg().concat(status.getLogs(1).getMsg()).toStringUtf8());
    assertEquals(api.status("r3"), status);
  }

  @Test
  void anEarlyReaderWaitsForTheBuild() throws InterruptedException {
    var names = new AtomicReference<List<String>>(List.of());
    var reader = Thread.ofVirtual().start(() -> names.set(api.ended("r4")));
    api.control().solve(ApiHarness.graph("r4", "print").build());
    assertTrue(reader.join(Duration.ofSeconds(20)));
    assertEquals(List.of("toy print"), names.get());
  }

  @Test
  void statusSendsItsHeadersAtOnce() {
    var headers = new AtomicReference<>(new Metadata());
    var trailers = new AtomicReference<>(new Metadata());
    api.control().solve(ApiHarness.graph("r5", "print").build());
    var messages =
        api.control()
            .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
            .status(StatusRequest.newBuilder().setRef("r5").build());
    messages.forEachRemaining(message -> {});
    String time = Objects.requireNonNull(headers.get()).get(TimestampInterceptor.TIME);
    assertTrue(String.valueOf(time).matches("20.*T.*Z"), time);
  }

  @Test
  void anUnknownJobIsNotFound() {
    var e = assertThrows(StatusRuntimeException.class, () -> api.status("nosuch"));
    check(e, Status.Code.NOT_FOUND, "no such job nosuch");
  }

  @Test
  void aFailedStepHasVertexSourceAndExitDetails() {
    var e = refused(ApiHarness.graph("r6", "fail"));
    check(e, Status.Code.UNKNOWN, "process \"x\" did not complete successfully: exit code: 3");
    var details = details(e);
    assertEquals(
        "github.com/moby/buildkit/gatewayapi.ExitMessage+json {\"Code\":3}", details.get(0));
    assertTrue(
        details
            .get(1)
            .startsWith("github.com/moby/buildkit/errdefs.Vertex+json {\"digest\":\"sha256:"),
        details.get(1));
    assertEquals(
        "github.com/moby/buildkit/errdefs.Source+json {\"info\":{\"filename\":\"Dockerfile\","
            + "\"data\":\"RlJPTSBzY3JhdGNoClJVTiB4Cg==\",\"language\":\"Dockerfile\"},"
            + "\"ranges\":[{\"start\":{\"line\":2},\"end\":{\"line\":2}}]}",
        details.get(2));
    assertEquals(
        "github.com/moby/buildkit/errdefs.Solve+json {\"inputIDs\":[],\"mountIDs\":[],"
            + "\"op\":{\"source\":{\"identifier\":\"toy://fail\"},\"constraints\":{}},"
            + "\"description\":{\"llb.customname\":\"toy fail\"}}",
        details.get(3));
    assertEquals("dev.jbuild/error.Code+json {\"code\":\"STEP_FAILED\"}", details.get(4));
    assertEquals(5, details.size());
    assertEquals(
        "process \"x\" did not complete successfully: exit code: 3",
        api.status("r6").getVertexes(2).getError());
  }

  @Test
  void aMissingGrantIsDeniedBeforeAnythingRuns() {
    var e = refused(ApiHarness.graph("r7", "print").addEntitlements("security.insecure"));
    check(
        e,
        Status.Code.PERMISSION_DENIED,
        "the request needs the entitlement security.insecure, which the daemon does not grant:"
            + " start the daemon with 'jbuildd --allow-insecure-entitlement security.insecure' or"
            + " put 'insecure-entitlements = [\"security.insecure\"]' into jbuildd.toml");
    assertEquals(
        "dev.jbuild/error.MissingGrant+json {\"entitlement\":\"security.insecure\","
            + "\"side\":\"DAEMON\",\"remedy\":\"start the daemon with 'jbuildd"
            + " --allow-insecure-entitlement security.insecure' or put 'insecure-entitlements ="
            + " [\\\"security.insecure\\\"]' into jbuildd.toml\"}",
        details(e).get(0));
    assertEquals(0, api.engine.executions.get());
  }

  /** A graph whose one step wants the host's network, as any client may send it. */
  static SolveRequest.Builder hostNetwork(String ref) {
    var meta =
        new ExecMeta(
            List.of("true"),
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
            NetMode.HOST,
            SecurityMode.SANDBOX,
            List.of(),
            List.of());
    var node = new OpNode(exec, List.of(ToyEngine.op("print")), null, OpMetadata.NONE, List.of());
    return SolveRequest.newBuilder()
        .setRef(ref)
        .setDefinition(ApiHarness.definition(node.output(0)));
  }

  @Test
  void aCraftedGraphGetsNoHostNetworkThatNobodyRequested() {
    var e = refused(hostNetwork("r20"));
    check(
        e,
        Status.Code.PERMISSION_DENIED,
        "'true' needs the entitlement network.host, which the request does not grant: build with"
            + " '--allow network.host' or, for the whole build, '--network=host'");
    assertEquals(0, api.engine.executions.get());
    assertEquals(0, api.status("r20").getVertexesCount());
  }

  @Test
  void aCraftedGraphRunsWithTheGrantsOfBothSides() {
    api.control().solve(hostNetwork("r21").addEntitlements("network.host").build());
    assertEquals(1, api.engine.executions.get());
  }

  @Test
  void anUnknownEntitlementIsNamed() {
    var e = refused(ApiHarness.graph("r22", "print").addEntitlements("network.hots"));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(e.getStatus().getDescription().contains("'network.hots'"));
  }

  @Test
  void aBugIsInternalAndTellsNothingButAnId() {
    var e = refused(ApiHarness.graph("r8", "bug"));
    assertEquals(Status.Code.INTERNAL, e.getStatus().getCode());
    assertTrue(
        e.getStatus()
            .getDescription()
            .matches("this is a bug in jbuild; the daemon's log has it under 'bug [0-9a-f]{8}'"));
  }

  @Test
  void cancellingTheCallCancelsTheBuild() throws InterruptedException {
    var context = Context.current().withCancellation();
    Runnable solve = () -> refused(ApiHarness.graph("r9", "wait"));
    var call = Thread.ofVirtual().start(context.wrap(solve));
    assertTrue(api.engine.waiting.await(20, TimeUnit.SECONDS));
    context.cancel(null);
    assertTrue(api.engine.stopped.await(20, TimeUnit.SECONDS));
    assertTrue(call.join(Duration.ofSeconds(20)));
    var vertices = api.status("r9").getVertexesList();
    assertEquals("context canceled", vertices.get(vertices.size() - 1).getError());
    assertEquals(0, api.engine.solver.open.get());
  }

  @Test
  void aSecondBuildOfARunningRefIsRefused() throws InterruptedException {
    var first = Thread.ofVirtual().start(() -> refused(ApiHarness.graph("r10", "wait")));
    assertTrue(api.engine.waiting.await(20, TimeUnit.SECONDS));
    check(
        refused(ApiHarness.graph("r10", "print")),
        Status.Code.INVALID_ARGUMENT,
        "job ID r10 exists");
    api.builds.close();
    assertTrue(first.join(Duration.ofSeconds(20)));
  }

  @Test
  void aDaemonThatStopsSaysSoToBuildsThatRunAndToThoseThatCome() throws Exception {
    var first = new FutureTask<>(() -> refused(ApiHarness.graph("r11", "wait")));
    Thread.ofVirtual().start(first);
    assertTrue(api.engine.waiting.await(20, TimeUnit.SECONDS));
    api.builds.close();
    check(first.get(20, TimeUnit.SECONDS), Status.Code.UNAVAILABLE, STOPPED);
    check(refused(ApiHarness.graph("r12", "print")), Status.Code.UNAVAILABLE, STOPPED);
  }

  @Test
  void aDaemonThatStopsSaysSoToWhoWaitsForABuild() throws Exception {
    var reader =
        new FutureTask<>(() -> assertThrows(StatusRuntimeException.class, () -> api.status("r")));
    Thread.ofVirtual().start(reader);
    api.builds.close();
    check(reader.get(5, TimeUnit.SECONDS), Status.Code.UNAVAILABLE, STOPPED);
  }

  @Test
  void unknownThingsAreNamed() {
    check(
        refused(SolveRequest.newBuilder().setRef("a").setFrontend("rust.v0")),
        Status.Code.INVALID_ARGUMENT,
        "unknown frontend 'rust.v0'; known are dockerfile.v0");
    check(
        refused(ApiHarness.graph("b", "print").addExporters(Exporter.newBuilder().setType("zip"))),
        Status.Code.INVALID_ARGUMENT,
        "unknown exporter type 'zip'; known are oci");
    check(
        refused(
            ApiHarness.graph("c", "print")
                .addExporters(Exporter.newBuilder().setType("oci").putAttrs("wrong", ""))),
        Status.Code.INVALID_ARGUMENT,
        "oci: unknown attribute 'wrong'");
    assertEquals(0, api.engine.executions.get());
  }

  @Test
  void aGraphAndAFrontendAreOneTooMany() {
    check(
        refused(ApiHarness.graph("h", "print").setFrontend("dockerfile.v0")),
        Status.Code.INVALID_ARGUMENT,
        "solve: the request has a definition and a frontend ('dockerfile.v0'), want one");
  }

  @Test
  void aBuiltInFrontendIsFoundBehindTheGateway() {
    api.control()
        .solve(
            SolveRequest.newBuilder()
                .setRef("r11")
                .setFrontend("gateway.v0")
                .putFrontendAttrs("source", "dockerfile.v0")
                .build());
    assertEquals(2, api.engine.executions.get());
  }

  @Test
  void filesWithoutASessionAreExplained() {
    check(
        refused(ApiHarness.graph("r12", "local")),
        Status.Code.UNKNOWN,
        "the build needs the client's directory 'context', but the request has no session; a"
            + " client opens a session beside its build, and keeps it until the build is over");
  }

  @Test
  void workersAndVersionAreTold() {
    var workers = api.control().listWorkers(ListWorkersRequest.getDefaultInstance());
    assertEquals(1, workers.getRecordCount());
    assertEquals("amd64", workers.getRecord(0).getPlatforms(0).getArchitecture());
    assertEquals(
        "1.2",
        api.control().info(InfoRequest.getDefaultInstance()).getBuildkitVersion().getVersion());
  }

  @Test
  void warningsAreOnTheVertexOfTheDockerfile() {
    api.control()
        .solve(SolveRequest.newBuilder().setRef("r13").setFrontend("dockerfile.v0").build());
    var status = api.status("r13");
    var warning = status.getWarnings(0);
    assertEquals(1, warning.getLevel());
    assertEquals("Rule: text", warning.getShort().toStringUtf8());
    assertEquals(status.getVertexes(0).getDigest(), warning.getVertex());
  }
}
