package dev.jbuild.cli.client;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.jbuild.netplan.NetworkPlan;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.HashMap;
import java.util.Map;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.Result;
import moby.buildkit.v1.frontend.ReturnRequest;

/**
 * Asks a frontend something other than a build. Its answer is metadata of the result, which a
 * daemon gives to clients of the gateway only: the client itself is the build's frontend, and has
 * the real one asked. Source: reference wire-gateway, sections 3 and 4; dockerfile-frontend-opts.
 */
final class FrontendQuestion {
  private static final Metadata.Key<String> BUILD_ID =
      Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER);

  private final SolveRequest whole;
  private volatile Map<String, String> answer = Map.of();

  /**
   * @param whole the question as a build
   */
  FrontendQuestion(SolveRequest whole) {
    this.whole = whole;
  }

  /** Whether a build is a question. */
  static boolean is(SolveRequest request) {
    return request.containsFrontendAttrs("requestid");
  }

  /** The build around it, which goes on until the question is answered. */
  SolveRequest build() {
    var build = whole.toBuilder().clearFrontend().clearFrontendAttrs().clearFrontendInputs();
    for (String option : NetworkPlan.OPTIONS) {
      String value = whole.getFrontendAttrsMap().get(option);
      if (value != null) {
        build.putFrontendAttrs(option, value);
      }
    }
    return build.build();
  }

  /** The answer's keys and values, after the build has succeeded. */
  Map<String, String> answer() {
    return answer;
  }

  /**
   * Asks, and ends the build with the answer or with what went wrong. To be called in a thread of
   * its own while the build goes on.
   */
  void ask(Channel channel) {
    var id = new Metadata();
    id.put(BUILD_ID, whole.getRef());
    var bridge =
        LLBBridgeGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(id))
            .withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES);
    var end = ReturnRequest.newBuilder();
    try {
      Result result =
          bridge
              .solve(
                  moby.buildkit.v1.frontend.SolveRequest.newBuilder()
                      .setFrontend(whole.getFrontend())
                      .putAllFrontendOpt(whole.getFrontendAttrsMap())
                      .putAllFrontendInputs(whole.getFrontendInputsMap())
                      .setAllowResultReturn(true)
                      .setAllowResultArrayRef(true)
                      .build())
              .getResult();
      answer = texts(result);
      end.setResult(Result.newBuilder().putAllMetadata(result.getMetadataMap()));
    } catch (StatusRuntimeException e) {
      end.setError(status(e));
    }
    try {
      bridge.return_(end.build());
    } catch (StatusRuntimeException e) {
      // The build has ended, and Solve tells why.
    }
  }

  private static Map<String, String> texts(Result result) {
    var texts = new HashMap<String, String>();
    result.getMetadataMap().forEach((key, value) -> texts.put(key, value.toStringUtf8()));
    return texts;
  }

  private static Status status(StatusRuntimeException e) {
    Status status = StatusProto.fromThrowable(e);
    return status == null ? Status.newBuilder().setCode(Code.UNKNOWN_VALUE).build() : status;
  }
}
