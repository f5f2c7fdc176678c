package dev.jbuild.daemon.api;

import static dev.jbuild.daemon.api.Refusals.check;
import static dev.jbuild.daemon.api.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.ReturnRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How builds of clients that are their frontends begin, end and are told apart. */
@Timeout(60)
class BridgeLifetimeTest {
  private static final String STACK = "github.com/moby/buildkit/stack.Stack+json";

  private static final String TWICE = "return: the build has its result already";

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

  @Test
  void theClientsFailureIsTheBuildsWithAllItsDetails() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Any stack = Any.newBuilder().setTypeUrl(STACK).setValue(ByteString.copyFromUtf8("{ }")).build();
    client
        .bridge()
        .return_(
            ReturnRequest.newBuilder()
                .setError(
                    com.google.rpc.Status.newBuilder()
                        .setCode(Status.Code.UNKNOWN.value())
                        .setMessage("no such thing")
                        .addDetails(stack))
                .build());
    StatusRuntimeException e = client.failure();
    check(e, Status.Code.UNKNOWN, "no such thing");
    assertTrue(StatusProto.fromThrowable(e).getDetailsList().contains(stack));
  }

  @Test
  void onlyTheFirstReturnCounts() throws Exception {
    var client = GatewayClient.begin(api, "a");
    client.give(client.graph("wait"));
    refused(client::giveNothing, Status.Code.INVALID_ARGUMENT, TWICE);
    client.build.cancel(true);
    assertTrue(api.engine.stopped.await(30, TimeUnit.SECONDS));
  }

  @Test
  void refsStayGoodAfterTheReturn() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref other = client.graph("print");
    client.give(client.graph("wait"));
    assertTrue(api.engine.waiting.await(30, TimeUnit.SECONDS));
    client.bridge().evaluate(EvaluateRequest.newBuilder().setRef(other.getId()).build());
    client.build.cancel(true);
    assertTrue(api.engine.stopped.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aRefOfNobodyEndsTheBuild() throws Exception {
    var client = GatewayClient.begin(api, "a");
    String text = "no such ref 'x' in this build";
    refused(() -> client.give(Ref.newBuilder().setId("x").build()), Status.Code.NOT_FOUND, text);
    check(client.failure(), Status.Code.NOT_FOUND, text);
  }

  @Test
  void buildsDoNotSeeEachOthersRefs() throws Exception {
    var one = GatewayClient.begin(api, "a");
    var two = GatewayClient.begin(api, "b");
    Ref ref = one.graph("print");
    refused(
        () -> two.bridge().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build()),
        Status.Code.NOT_FOUND,
        "no such ref '" + ref.getId() + "' in this build");
    one.give(ref);
    two.giveNothing();
    assertEquals(Map.of(), one.response());
    assertEquals(Map.of(), two.response());
  }

  @Test
  void aBuildThatHasEndedAnswersNoMore() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref ref = client.graph("print");
    client.giveNothing();
    client.response();
    refused(
        () -> client.bridge().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build()),
        Status.Code.NOT_FOUND,
        "no such job a");
  }

  @Test
  void callsNameTheirBuild() {
    refused(
        () -> GatewayClient.bridge(api).ping(PingRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "no buildid found in context");
    refused(
        () -> GatewayClient.bridge(api, "a", "b").ping(PingRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "the header 'buildkit-controlapi-buildid' has the values [a, b], want one id");
  }

  @Test
  void aPingWaitsForItsBuild() throws Exception {
    var ping = GatewayClient.bridge(api, "a");
    var pong = new FutureTask<>(() -> ping.ping(PingRequest.getDefaultInstance()));
    Thread.ofVirtual().start(pong);
    var client = GatewayClient.begin(api, "a");
    assertTrue(pong.get(30, TimeUnit.SECONDS).getWorkersCount() > 0);
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void aClientThatIsLostTakesItsCallsAlong() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref ref = client.graph("wait");
    var call = client.calls().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build());
    assertTrue(api.engine.waiting.await(30, TimeUnit.SECONDS));
    client.build.cancel(true);
    assertTrue(api.engine.stopped.await(30, TimeUnit.SECONDS));
    var e = assertThrows(ExecutionException.class, () -> call.get(30, TimeUnit.SECONDS));
    assertEquals(Status.Code.CANCELLED, Status.fromThrowable(e.getCause()).getCode());
  }

  @Test
  void aDaemonThatStopsSaysSoToCalls() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref ref = client.graph("wait");
    var call = client.calls().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build());
    assertTrue(api.engine.waiting.await(30, TimeUnit.SECONDS));
    api.builds.close();
    var e = assertThrows(ExecutionException.class, () -> call.get(30, TimeUnit.SECONDS));
    Status told = Status.fromThrowable(e.getCause());
    assertEquals(Status.Code.UNAVAILABLE, told.getCode());
    assertEquals(ControlServiceTest.STOPPED, told.getDescription());
    check(client.failure(), Status.Code.UNAVAILABLE, ControlServiceTest.STOPPED);
  }

  @Test
  void aCallThatIsGivenUpEndsAlone() throws Exception {
    var client = GatewayClient.begin(api, "a");
    Ref ref = client.graph("wait");
    var call = client.calls().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build());
    assertTrue(api.engine.waiting.await(30, TimeUnit.SECONDS));
    call.cancel(true);
    assertTrue(api.engine.stopped.await(30, TimeUnit.SECONDS));
    client.give(client.graph("print"));
    assertEquals(Map.of(), client.response());
  }

  @Test
  void aRefusedRequestIsToldByTheBuild() throws Exception {
    var client =
        GatewayClient.begin(
            api, SolveRequest.newBuilder().setRef("a").addEntitlements("security.insecure"));
    assertEquals(Status.Code.PERMISSION_DENIED, client.failure().getStatus().getCode());
  }
}
