package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.jbuild.cli.ExitCode;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import org.junit.jupiter.api.Test;

class FailureDecoderTest {
  private static String hungUp(String place) {
    var failure =
        Status.UNAVAILABLE
            .withDescription("Network closed for unknown reason")
            .asRuntimeException();
    return FailureDecoder.of(failure, place).message();
  }

  @Test
  void aDaemonThatHangsUpOnTcpMayWantTls() {
    assertEquals(
        "the daemon at 'tcp://h:1' does not answer: it hung up; if it serves TLS, give"
            + " --tlscacert, --tlscert and --tlskey",
        hungUp("tcp://h:1"));
    assertEquals(
        "the daemon at 'unix:///s' does not answer: Network closed for unknown reason",
        hungUp("unix:///s"));
  }

  /** BuildKit tells the exit code, and no code of ours. */
  @Test
  void aStepsExitCodeMakesItTheStepsFailure() {
    Any exit =
        Any.newBuilder()
            .setTypeUrl("github.com/moby/buildkit/gatewayapi.ExitMessage+json")
            .setValue(ByteString.copyFromUtf8("{\"Code\":7}"))
            .build();
    var failure =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(2)
                .setMessage("no")
                .addDetails(exit)
                .build());
    assertEquals(7, ExitCode.of(FailureDecoder.of(failure, "unix:///s")));
  }
}
