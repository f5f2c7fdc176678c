package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.build.ToyEngine;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.ResolveImageConfigRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaRequest;
import moby.buildkit.v1.sourcepolicy.Policy;
import moby.buildkit.v1.sourcepolicy.PolicyAction;
import moby.buildkit.v1.sourcepolicy.Rule;
import moby.buildkit.v1.sourcepolicy.Selector;
import moby.buildkit.v1.sourcepolicy.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Source policies of builds and of frontends' calls, through the services. */
@Timeout(60)
class SourcePolicyCallsTest {
  private static final String ALPINE = "docker-image://docker.io/library/alpine:3";
  private static final String MIRROR = "docker-image://mirror.example/alpine:3";

  private ApiHarness api;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static Policy policy(Rule... rules) {
    return Policy.newBuilder().setVersion(1).addAllRules(List.of(rules)).build();
  }

  private static Rule deny(String identifier) {
    return Rule.newBuilder()
        .setAction(PolicyAction.DENY)
        .setSelector(Selector.newBuilder().setIdentifier(identifier))
        .build();
  }

  private static Rule convert(String from, String to) {
    return Rule.newBuilder()
        .setAction(PolicyAction.CONVERT)
        .setSelector(Selector.newBuilder().setIdentifier(from))
        .setUpdates(Update.newBuilder().setIdentifier(to))
        .build();
  }

  private StatusRuntimeException refused(SolveRequest.Builder request) {
    return assertThrows(StatusRuntimeException.class, () -> api.control().solve(request.build()));
  }

  private static StatusRuntimeException refused(Executable call) {
    return assertThrows(StatusRuntimeException.class, call);
  }

  private GatewayClient client(Policy policy) {
    return GatewayClient.begin(api, SolveRequest.newBuilder().setRef("a").setSourcePolicy(policy));
  }

  @Test
  void aDeniedSourceOfAGraphIsNamedWithItsPlaceAndNothingRuns() {
    var refused = refused(ApiHarness.graph("a", "x").setSourcePolicy(policy(deny("toy://*"))));
    assertEquals(Status.Code.UNKNOWN, refused.getStatus().getCode());
    assertEquals(
        "Dockerfile:2: 'toy x': source 'toy://x' is denied by rule 1 (DENY wildcard 'toy://*') of"
            + " the build's source policy",
        refused.getStatus().getDescription());
    var types =
        StatusProto.fromThrowable(refused).getDetailsList().stream()
            .map(any -> any.getTypeUrl())
            .toList();
    assertTrue(types.contains("dev.jbuild/error.DeniedSource+json"), types.toString());
    assertTrue(types.contains("github.com/moby/buildkit/errdefs.Source+json"), types.toString());
    assertEquals(0, api.engine.executions.get());
  }

  @Test
  void aConvertedSourceRunsInsteadAndIsShown() {
    var request =
        ApiHarness.graph("a", "fail").setSourcePolicy(policy(convert("toy://fail", "toy://ok")));
    api.control().solve(request.build());
    assertEquals(
        List.of(
            "[internal] source policy: 'toy://fail' became 'toy://ok' by rule 1 (CONVERT wildcard"
                + " 'toy://fail') of the build's source policy"),
        api.ended("a").stream().filter(name -> name.startsWith("[internal]")).toList());
    assertEquals(1, api.engine.executions.get());
  }

  @Test
  void aPolicyThatCanNotBeReadIsRefused() {
    var refused = refused(ApiHarness.graph("a", "x").setSourcePolicy(policy(deny("toy://**"))));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertEquals(
        "the build's source policy, rule 1: 'toy://**': '**' is no wildcard, write '*' for any text",
        refused.getStatus().getDescription());
  }

  @Test
  void aPolicyOfTheSessionIsRefused() {
    var refused = refused(ApiHarness.graph("a", "x").setSourcePolicySession("s"));
    assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode());
    assertEquals(
        "solve: a source policy that the client's session decides (SourcePolicySession) is not"
            + " offered yet; send its rules as SourcePolicy",
        refused.getStatus().getDescription());
  }

  @Test
  void aFrontendOfTheDaemonIsUnderTheBuildsPolicy() {
    var refused =
        refused(
            SolveRequest.newBuilder()
                .setRef("a")
                .setFrontend("dockerfile.v0")
                .putAllFrontendAttrs(Map.of())
                .setSourcePolicy(policy(deny("docker-image://*"))));
    assertEquals(
        "source 'docker-image://docker.io/library/x:1' is denied by rule 1 (DENY wildcard"
            + " 'docker-image://*') of the build's source policy",
        refused.getStatus().getDescription());
  }

  @Test
  void graphsOfACallAreUnderItsPoliciesToo() throws Exception {
    var client = client(policy(convert("toy://a", "toy://b")));
    var question = GatewayClient.question("a").addSourcePolicies(policy(deny("toy://b")));
    var refused = refused(() -> client.bridge().solve(question.build()));
    assertEquals(Status.Code.UNKNOWN, refused.getStatus().getCode());
    assertEquals(
        "Dockerfile:2: 'toy a': source 'toy://b' is denied by rule 1 (DENY wildcard 'toy://b') of"
            + " source policy 1 of the frontend's request; 'toy://a' became 'toy://b' by rule 1"
            + " (CONVERT wildcard 'toy://a') of the build's source policy",
        refused.getStatus().getDescription());

    Ref ref = client.graph("a");

    assertEquals("FROM b", read(client, ref));
    client.give(ref);
    client.response();
  }

  private static String read(GatewayClient client, Ref ref) {
    return client
        .bridge()
        .readFile(
            ReadFileRequest.newBuilder().setRef(ref.getId()).setFilePath("Dockerfile").build())
        .getData()
        .toStringUtf8();
  }

  @Test
  void whatACallConvertsStaysConverted() throws Exception {
    var client = GatewayClient.begin(api, "a");
    var question =
        GatewayClient.question("fail").addSourcePolicies(policy(convert("toy://fail", "toy://ok")));
    Ref ref = client.bridge().solve(question.build()).getResult().getRef();
    client.bridge().evaluate(EvaluateRequest.newBuilder().setRef(ref.getId()).build());
    assertEquals("FROM ok", read(client, ref));
    client.give(ref);
    client.response();
  }

  @Test
  void anImageIsLookedForWhereThePolicySays() throws Exception {
    var client = client(policy(convert(ALPINE, MIRROR)));
    var request =
        ResolveImageConfigRequest.newBuilder().setRef("docker.io/library/alpine:3").build();
    assertEquals("mirror.example/alpine:3", client.bridge().resolveImageConfig(request).getRef());
    var meta =
        client
            .bridge()
            .resolveSourceMeta(
                ResolveSourceMetaRequest.newBuilder()
                    .setSource(pb.SourceOp.newBuilder().setIdentifier(ALPINE))
                    .build());
    assertEquals(MIRROR, meta.getSource().getIdentifier());
    assertTrue(meta.hasImage());
    client.giveNothing();
    client.response();
  }

  @Test
  void lookUpsAreUnderTheirPoliciesToo() throws Exception {
    var client = client(policy());
    var image =
        ResolveImageConfigRequest.newBuilder()
            .setRef("docker.io/library/alpine:3")
            .addSourcePolicies(policy(deny(ALPINE)))
            .build();
    assertEquals(
        "source '"
            + ALPINE
            + "' is denied by rule 1 (DENY wildcard '"
            + ALPINE
            + "') of source policy 1 of the frontend's request",
        refused(() -> client.bridge().resolveImageConfig(image)).getStatus().getDescription());
    var web =
        ResolveSourceMetaRequest.newBuilder()
            .setSource(pb.SourceOp.newBuilder().setIdentifier("http://a/b"))
            .addSourcePolicies(policy())
            .addSourcePolicies(policy(deny("http://*")))
            .build();
    assertEquals(
        "source 'http://a/b' is denied by rule 1 (DENY wildcard 'http://*') of source policy 2 of"
            + " the frontend's request",
        refused(() -> client.bridge().resolveSourceMeta(web)).getStatus().getDescription());
    client.giveNothing();
    client.response();
  }

  @Test
  void anImageThatBecameAnotherKindOfSourceIsToldAsWhatItIs() throws Exception {
    var client = client(policy(convert(ALPINE, "https://example.org/alpine.tar")));
    var meta =
        client
            .bridge()
            .resolveSourceMeta(
                ResolveSourceMetaRequest.newBuilder()
                    .setSource(pb.SourceOp.newBuilder().setIdentifier(ALPINE))
                    .build());
    assertEquals("https://example.org/alpine.tar", meta.getSource().getIdentifier());
    assertFalse(meta.hasImage());
    var request =
        ResolveImageConfigRequest.newBuilder().setRef("docker.io/library/alpine:3").build();
    assertEquals(
        "resolve image config: 'docker.io/library/alpine:3' became"
            + " 'https://example.org/alpine.tar' by a source policy, which is no image",
        refused(() -> client.bridge().resolveImageConfig(request)).getStatus().getDescription());
    client.giveNothing();
    client.response();
  }

  @Test
  void policiesAreListedAmongTheCapabilities() throws Exception {
    var client = client(policy());
    var caps = client.bridge().ping(PingRequest.getDefaultInstance()).getLLBCapsList();
    assertTrue(caps.stream().anyMatch(cap -> cap.getID().equals("source.policy")));
    client.giveNothing();
    client.response();
  }

  @Test
  void theGraphThatClientsSeeIsTheConvertedOne() throws Exception {
    var client = client(policy(convert("toy://a", "toy://b")));
    Ref ref = client.graph("a");
    var shown = ApiHarness.definition(ToyEngine.op("a"));
    assertFalse(ref.getDef().getDefList().contains(shown.getDef(0)));
    client.give(ref);
    client.response();
  }
}
