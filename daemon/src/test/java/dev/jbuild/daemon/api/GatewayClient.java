package dev.jbuild.daemon.api;

import com.google.common.util.concurrent.ListenableFuture;
import dev.jbuild.daemon.build.ToyEngine;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.SolveResponse;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.Result;
import moby.buildkit.v1.frontend.ReturnRequest;

/** A client that is the frontend of its build: the build runs while it calls. */
final class GatewayClient {
  private final ApiHarness api;
  final String ref;
  final ListenableFuture<SolveResponse> build;

  private GatewayClient(ApiHarness api, SolveRequest request) {
    this.api = api;
    this.ref = request.getRef();
    this.build = ControlGrpc.newFutureStub(api.channel).solve(request);
  }

  static GatewayClient begin(ApiHarness api, SolveRequest.Builder request) {
    return new GatewayClient(api, request.build());
  }

  static GatewayClient begin(ApiHarness api, String ref) {
    return begin(api, SolveRequest.newBuilder().setRef(ref));
  }

  LLBBridgeGrpc.LLBBridgeBlockingStub bridge() {
    return bridge(api, ref);
  }

  LLBBridgeGrpc.LLBBridgeFutureStub calls() {
    return LLBBridgeGrpc.newFutureStub(api.channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(ref)));
  }

  LLBBridgeGrpc.LLBBridgeStub streams() {
    return LLBBridgeGrpc.newStub(api.channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(ref)));
  }

  static LLBBridgeGrpc.LLBBridgeBlockingStub bridge(ApiHarness api, String... ids) {
    return LLBBridgeGrpc.newBlockingStub(api.channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(ids)));
  }

  private static Metadata headers(String... ids) {
    var headers = new Metadata();
    for (String id : ids) {
      headers.put(BridgeService.BUILD_ID, id);
    }
    return headers;
  }

  /** Solves a graph of one toy op and gives its ref. */
  Ref graph(String word) {
    return bridge().solve(question(word).build()).getResult().getRef();
  }

  static moby.buildkit.v1.frontend.SolveRequest.Builder question(String word) {
    return ask().setDefinition(ApiHarness.definition(ToyEngine.op(word)));
  }

  /** A question as today's clients ask it. */
  static moby.buildkit.v1.frontend.SolveRequest.Builder ask() {
    return moby.buildkit.v1.frontend.SolveRequest.newBuilder()
        .setAllowResultReturn(true)
        .setAllowResultArrayRef(true);
  }

  void give(Result result) {
    bridge().return_(ReturnRequest.newBuilder().setResult(result).build());
  }

  void give(Ref ref) {
    give(Result.newBuilder().setRef(ref).build());
  }

  void giveNothing() {
    give(Ref.getDefaultInstance());
  }

  Map<String, String> response() throws Exception {
    return build.get(30, TimeUnit.SECONDS).getExporterResponseMap();
  }

  StatusRuntimeException failure() throws Exception {
    try {
      throw new AssertionError("the build succeeded with " + response());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException status) {
        return status;
      }
      throw e;
    }
  }
}
