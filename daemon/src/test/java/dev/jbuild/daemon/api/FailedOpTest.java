package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReturnRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients learn of the op that failed, and of what it worked on. */
@Timeout(60)
class FailedOpTest {
  private static final String SOLVE = "github.com/moby/buildkit/errdefs.Solve+json";

  private ApiHarness api;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  /** A step that fails, with a root, a scratch directory and the root's source once more. */
  private static OpNode.Output step() {
    var meta =
        new ExecMeta(
            List.of("fail"),
            List.of("A=b"),
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
            List.of(
                MountSpec.bind(0, "/", 0, false),
                MountSpec.bind(-1, "/scratch", -1, false),
                MountSpec.bind(0, "/again", -1, true)),
            NetMode.NONE,
            SecurityMode.SANDBOX,
            List.of(),
            List.of());
    return new OpNode(
            exec, List.of(ToyEngine.op("base")), null, OpMetadata.named("RUN fail"), List.of())
        .output(0);
  }

  private static Json.Obj solve(StatusRuntimeException failure) throws Exception {
    Status status = StatusProto.fromThrowable(failure);
    Any found =
        status.getDetailsList().stream()
            .filter(detail -> detail.getTypeUrl().equals(SOLVE))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no op in " + status));
    return (Json.Obj) JsonText.parse(Bytes.copyOf(found.getValue().toByteArray()));
  }

  private static Json member(Json.Obj object, String name) {
    return Objects.requireNonNull(object.members().get(name), name);
  }

  private static List<String> texts(Json.Obj solve, String name) {
    return ((Json.Arr) member(solve, name))
        .items().stream().map(item -> ((Json.Text) item).value()).toList();
  }

  private static StatusRuntimeException evaluate(GatewayClient client, String ref) {
    return assertThrows(
        StatusRuntimeException.class,
        () -> client.bridge().evaluate(EvaluateRequest.newBuilder().setRef(ref).build()));
  }

  private static String ref(GatewayClient client, OpNode.Output root) {
    var question = GatewayClient.ask().setDefinition(ApiHarness.definition(root));
    return client.bridge().solve(question.build()).getResult().getRef().getId();
  }

  @Test
  void theOpOfAFailedVertexIsTold() throws Exception {
    var request = SolveRequest.newBuilder().setRef("a");
    var failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                api.control().solve(request.setDefinition(ApiHarness.definition(step())).build()));
    Json.Obj solve = solve(failure);
    var op = (Json.Obj) member(solve, "op");
    var exec = (Json.Obj) member(op, "exec");
    assertEquals(
        "{\"args\":[\"fail\"],\"env\":[\"A=b\"],\"cwd\":\"/\"}",
        JsonText.compact(member(exec, "meta")));
    assertEquals(
        new Json.Obj(Map.of("llb.customname", new Json.Text("RUN fail"))),
        solve.members().get("description"));
    assertEquals(List.of("", "", ""), texts(solve, "inputIDs"), "clients take one a mount");
    assertEquals(List.of("", "", ""), texts(solve, "mountIDs"));
  }

  @Test
  void inAConversationTheMountsHaveRefsThatCanBeRead() throws Exception {
    var client = GatewayClient.begin(api, "a");
    String ref = ref(client, step());
    Json.Obj solve = solve(evaluate(client, ref));
    List<String> ids = texts(solve, "inputIDs");
    List<String> mounts = texts(solve, "mountIDs");
    assertEquals(3, mounts.size());
    assertEquals("", ids.get(1));
    assertEquals(ids.get(0), ids.get(2));
    var read = ReadFileRequest.newBuilder().setRef(ids.get(0)).setFilePath("Dockerfile");
    assertEquals("FROM base", client.bridge().readFile(read.build()).getData().toStringUtf8());
    // Nobody knows what the toy left: its mounts show what they showed at first.
    read.setRef(mounts.get(0));
    assertEquals("FROM base", client.bridge().readFile(read.build()).getData().toStringUtf8());
    Json.Obj again = solve(evaluate(client, ref));
    assertEquals(ids, texts(again, "inputIDs"), "no new refs for it");
    assertEquals(mounts, texts(again, "mountIDs"), "no new refs for it");
    client.giveNothing();
    client.response();
  }

  @Test
  void anotherOpHasARefForEachInput() throws Exception {
    var client = GatewayClient.begin(api, "a");
    var failing =
        new OpNode(
            new LlbOp.SourceOp("toy://fail", Map.of()),
            List.of(),
            null,
            OpMetadata.NONE,
            List.of());
    Json.Obj solve = solve(evaluate(client, ref(client, failing.output(0))));
    assertEquals(List.of(), texts(solve, "inputIDs"));
    assertEquals(List.of(), texts(solve, "mountIDs"));
    assertFalse(solve.members().containsKey("description"));
    client.giveNothing();
    client.response();
  }

  @Test
  void aClientThatReturnsTheFailureGetsTheOpFromItsBuildToo() throws Exception {
    var client = GatewayClient.begin(api, "a");
    StatusRuntimeException failure = evaluate(client, ref(client, step()));
    client
        .bridge()
        .return_(ReturnRequest.newBuilder().setError(StatusProto.fromThrowable(failure)).build());
    assertEquals(solve(failure), solve(client.failure()));
  }

  @Test
  void theRecordOfABuildDoesNotKeepTheOp() throws Exception {
    var client = GatewayClient.begin(api, "a");
    StatusRuntimeException failure = evaluate(client, ref(client, step()));
    Status whole = StatusProto.fromThrowable(failure);
    var known = new Failures().reported(whole);
    Status kept = Status.parseFrom(new HistoryForms().failed(known).status().toArray());
    assertEquals(whole.getMessage(), kept.getMessage());
    assertEquals(
        whole.getDetailsList().stream()
            .filter(detail -> !detail.getTypeUrl().equals(SOLVE))
            .toList(),
        kept.getDetailsList());
    client.giveNothing();
    client.response();
  }
}
