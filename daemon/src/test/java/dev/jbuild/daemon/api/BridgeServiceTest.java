package dev.jbuild.daemon.api;

import static dev.jbuild.daemon.api.Refusals.check;
import static dev.jbuild.daemon.api.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.ToyEngine;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import moby.buildkit.v1.CacheOptions;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.apicaps.APICap;
import moby.buildkit.v1.frontend.CacheOptionsEntry;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.InputsRequest;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.RefMap;
import moby.buildkit.v1.frontend.Result;
import moby.buildkit.v1.frontend.WarnRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BridgeServiceTest {
  private ApiHarness api;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
    assertEquals(0, api.engine.solver.open.get(), "a job was left open");
  }

  private static List<String> ids(List<APICap> caps) {
    var ids = new ArrayList<String>();
    for (APICap cap : caps) {
      assertTrue(cap.getEnabled(), cap.getID());
      ids.add(cap.getID());
    }
    return ids;
  }

  @Test
  void pingTellsWhatWorksAndWhoWorks() throws Exception {
    var client = GatewayClient.begin(api, "a");
    var pong = client.bridge().ping(PingRequest.getDefaultInstance());
    List<String> bridge = ids(pong.getFrontendAPICapsList());
    assertTrue(
        bridge.containsAll(
            List.of(
                "solve.base",
                "resolveimage",
                "readfile",
                "return",
                "returnmap",
                "readdir",
                "statfile",
                "importcaches",
                "proto.refarray",
                "frontend.inputs",
                "gateway.solve.metadata",
                "gateway.solve.evaluate",
                "gateway.evaluate",
                "frontend.caps",
                "source.metaresolver",
                "reference.output")));
    assertTrue(bridge.contains("gateway.exec.filesystem"));
    List<String> graphs = ids(pong.getLLBCapsList());
    assertTrue(graphs.containsAll(List.of("file.base", "constraints", "exporter.multiple")));
    assertFalse(graphs.contains("exporter.image.attestations"));
    assertEquals("linux", pong.getWorkers(0).getPlatforms(0).getOS());
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void aBuildThatOnlyAsksForCapabilitiesRunsNothing() throws Exception {
    var client = GatewayClient.begin(api, SolveRequest.newBuilder().setRef("a").setInternal(true));
    client.bridge().ping(PingRequest.getDefaultInstance());
    client.give(Result.getDefaultInstance());
    assertEquals(Map.of(), client.response());
    assertEquals(0, api.engine.executions.get());
    assertEquals(0, api.status("a").getVertexesCount());
  }

  @Test
  void aFrontendsResultIsOnlyMadeAfterItsReturn() throws Exception {
    var client =
        GatewayClient.begin(
            api,
            SolveRequest.newBuilder()
                .setRef("a")
                .putFrontendAttrs("build-arg:SOURCE_DATE_EPOCH", "42")
                .addExporters(Exporter.newBuilder().setType("oci")));
    var reply =
        client.bridge().solve(GatewayClient.ask().setFrontend("dockerfile.v0").build()).getResult();
    assertEquals(1, api.engine.executions.get(), "only the Dockerfile was read");
    assertEquals("ref1", reply.getRef().getId());
    assertTrue(reply.getRef().getDef().getMetadataCount() > 0);
    assertEquals(
        new TreeSet<>(List.of("containerimage.config", "frontend.x", "other", "refs.platforms")),
        new TreeSet<>(reply.getMetadataMap().keySet()));
    assertEquals(
        "{\"Platforms\":[{\"ID\":\"linux/amd64\",\"Platform\":"
            + "{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}",
        reply.getMetadataOrThrow("refs.platforms").toStringUtf8());
    client.give(reply);
    assertEquals(
        Map.of(
            "containerimage.digest",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "attrs",
            "{source-date-epoch=42}",
            "frontend.x",
            "y"),
        client.response());
    assertEquals(2, api.engine.executions.get());
  }

  @Test
  void aGraphRunsWhenItIsNeeded() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref ref = client.graph("print");
    assertEquals(0, api.engine.executions.get());
    client.bridge().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build());
    assertEquals(1, api.engine.executions.get());
    client.bridge().solve(GatewayClient.question("x").setEvaluate(true).build());
    assertEquals(2, api.engine.executions.get());
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void severalPlatformsComeBackByTheirIds() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref one = client.graph("print");
    Ref two = client.graph("x");
    client.give(
        Result.newBuilder()
            .setRefs(RefMap.newBuilder().putRefs("linux/amd64", one).putRefs("linux/arm64", two))
            .build());
    assertEquals(Map.of(), client.response());
    assertEquals(2, api.engine.executions.get());
  }

  @Test
  void aFailedStepSaysWhereItStands() throws Exception {
    var client = GatewayClient.begin(api, "a");
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () -> client.bridge().solve(GatewayClient.question("fail").setEvaluate(true).build()));
    check(e, Status.Code.UNKNOWN, "process \"x\" did not complete successfully: exit code: 3");
    List<String> types =
        StatusProto.fromThrowable(e).getDetailsList().stream().map(Any::getTypeUrl).toList();
    assertTrue(types.contains("github.com/moby/buildkit/errdefs.Source+json"), types.toString());
    assertTrue(types.contains("github.com/moby/buildkit/gatewayapi.ExitMessage+json"));
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void stepsOfNestedGraphsNeedTheRequestsGrants() throws Exception {
    pb.Definition host = ControlServiceTest.hostNetwork("x").getDefinition();
    var question = GatewayClient.ask().setDefinition(host).build();
    var client = GatewayClient.begin(api, "a");
    refused(
        () -> client.bridge().solve(question),
        Status.Code.PERMISSION_DENIED,
        "'true' needs the entitlement network.host, which the request does not grant: build with"
            + " '--allow network.host' or, for the whole build, '--network=host'");
    client.giveNothing();
    assertEquals(Map.of(), client.response());

    var granted =
        GatewayClient.begin(
            api, SolveRequest.newBuilder().setRef("b").addEntitlements("network.host"));
    granted.give(granted.bridge().solve(question).getResult().getRef());
    assertEquals(Map.of(), granted.response());
    assertEquals(1, api.engine.executions.get());
  }

  @Test
  void graphsGivenToTheFrontendComeThrough() throws Exception {
    pb.Definition mine = ApiHarness.definition(ToyEngine.op("mine"));
    var client =
        GatewayClient.begin(
            api, SolveRequest.newBuilder().setRef("a").putFrontendInputs("dockerfile", mine));
    var inputs = client.bridge().inputs(InputsRequest.getDefaultInstance());
    assertEquals(mine.getDefList(), inputs.getDefinitionsOrThrow("dockerfile").getDefList());
    client
        .bridge()
        .solve(
            GatewayClient.ask()
                .setFrontend("dockerfile.v0")
                .putAllFrontendInputs(inputs.getDefinitionsMap())
                .build());
    client.giveNothing();
    client.response();
    assertTrue(api.ended("a").contains("toy mine"));
  }

  @Test
  void aGraphAndAFrontendAreOneTooMany() throws Exception {
    var client = GatewayClient.begin(api, "a");
    refused(
        () ->
            client
                .bridge()
                .solve(GatewayClient.question("print").setFrontend("dockerfile.v0").build()),
        Status.Code.INVALID_ARGUMENT,
        "solve: the request has a definition and a frontend ('dockerfile.v0'), want one");
    refused(
        () -> client.bridge().solve(GatewayClient.ask().setFrontend("rust.v0").build()),
        Status.Code.INVALID_ARGUMENT,
        "unknown frontend 'rust.v0'; known are dockerfile.v0");
    var nothing = client.bridge().solve(GatewayClient.ask().build()).getResult();
    assertEquals(Ref.getDefaultInstance(), nothing.getRef());
    client.give(nothing);
    assertEquals(Map.of(), client.response());
  }

  @Test
  void oldClientsReadOlderFields() throws Exception {
    var client = GatewayClient.begin(api, "a");
    assertEquals(
        "ref1",
        client
            .bridge()
            .solve(
                GatewayClient.question("print")
                    .setAllowResultReturn(false)
                    .setAllowResultArrayRef(false)
                    .build())
            .getRef());
    assertEquals(
        "ref2",
        client
            .bridge()
            .solve(GatewayClient.question("print").setAllowResultArrayRef(false).build())
            .getResult()
            .getRefDeprecated());
    client.give(Result.newBuilder().setRefDeprecated("ref2").build());
    assertEquals(Map.of(), client.response());
    assertEquals(1, api.engine.executions.get());
  }

  @Test
  void cachesThatAreNotImportedAreShownAsSkipped() throws Exception {
    var client =
        GatewayClient.begin(
            api,
            SolveRequest.newBuilder()
                .setRef("a")
                .setCache(
                    CacheOptions.newBuilder()
                        .addImports(
                            moby.buildkit.v1.CacheOptionsEntry.newBuilder().setType("registry"))));
    client
        .bridge()
        .solve(
            GatewayClient.question("print")
                .addCacheImports(
                    CacheOptionsEntry.newBuilder()
                        .setType("registry")
                        .putAttrs("ref", "r.example/x"))
                .build());
    client.giveNothing();
    client.response();
    var vertex = api.status("a").getVertexes(0);
    assertEquals("importing cache manifest from r.example/x", vertex.getName());
    assertEquals(
        "importing a cache is not offered yet: the build goes on without it", vertex.getError());
  }

  @Test
  void remarksReachTheReadersOfProgress() throws Exception {
    var client = GatewayClient.begin(api, "a");
    String digest = "sha256:" + "0".repeat(64);
    client
        .bridge()
        .warn(
            WarnRequest.newBuilder()
                .setDigest(digest)
                .setLevel(3)
                .setShort(ByteString.copyFromUtf8("Rule: text"))
                .addRanges(pb.Range.newBuilder().setStart(pb.Position.newBuilder().setLine(2)))
                .build());
    refused(
        () -> client.bridge().warn(WarnRequest.newBuilder().setDigest("x").build()),
        Status.Code.INVALID_ARGUMENT,
        "warn: malformed digest 'x'");
    client.giveNothing();
    client.response();
    var warning = api.status("a").getWarnings(0);
    assertEquals(digest, warning.getVertex());
    assertEquals(3, warning.getLevel());
    assertEquals("Rule: text", warning.getShort().toStringUtf8());
    assertEquals(2, warning.getRanges(0).getEnd().getLine());
  }

  @Test
  void scratchHasNoFiles() throws Exception {
    var client = GatewayClient.begin(api, "a");
    refused(
        () -> client.bridge().readFile(ReadFileRequest.newBuilder().setFilePath("/x").build()),
        Status.Code.NOT_FOUND,
        "no such ref '': scratch holds no files to be read");
    client.giveNothing();
    client.response();
  }
}
