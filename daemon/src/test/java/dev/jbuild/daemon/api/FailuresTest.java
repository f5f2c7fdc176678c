package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static final String KIT = "github.com/moby/buildkit/";
  private static final Detail.Source PLACE =
      new Detail.Source(
          "Dockerfile", "FROM x\nRUN y\n", "Dockerfile", List.of(new Detail.Lines(2, 0, 2, 5)));

  private final Failures failures = new Failures();

  private Status wire(Code code, Detail... details) {
    var failure = new BuildException(code, "it broke", null, List.of(details));
    Status status = StatusProto.fromThrowable(failures.of(failure));
    assertNotNull(status);
    return status;
  }

  private static List<String> types(Status status) {
    return status.getDetailsList().stream().map(Any::getTypeUrl).toList();
  }

  @Test
  void detailsKeepTheirOrderAndTheirExactTypeNames() {
    Status status =
        wire(
            Code.STEP_FAILED,
            new Detail.ProcessExit(3),
            new Detail.FailedVertex("sha256:ab", "RUN y"),
            PLACE,
            new Detail.FailedFrontend("dockerfile.v0", ""));
    assertEquals(
        List.of(
            KIT + "gatewayapi.ExitMessage+json",
            KIT + "errdefs.Vertex+json",
            KIT + "errdefs.Source+json",
            KIT + "errdefs.Frontend+json",
            "dev.jbuild/error.Code+json"),
        types(status));
    assertEquals("it broke", status.getMessage());
    assertEquals(io.grpc.Status.Code.UNKNOWN.value(), status.getCode());
  }

  @Test
  void aMistakeInAFileIsToldWithoutTheNameOfACode() {
    assertEquals(io.grpc.Status.Code.UNKNOWN.value(), wire(Code.INVALID, PLACE).getCode());
    assertEquals(io.grpc.Status.Code.UNKNOWN.value(), wire(Code.NOT_FOUND, PLACE).getCode());
  }

  @Test
  void otherFailuresHaveTheCodeOfTheirKind() {
    assertEquals(io.grpc.Status.Code.INVALID_ARGUMENT.value(), wire(Code.INVALID).getCode());
    assertEquals(io.grpc.Status.Code.NOT_FOUND.value(), wire(Code.NOT_FOUND).getCode());
    assertEquals(
        io.grpc.Status.Code.PERMISSION_DENIED.value(),
        wire(Code.PERMISSION_DENIED, PLACE).getCode());
    assertEquals(io.grpc.Status.Code.UNIMPLEMENTED.value(), wire(Code.UNIMPLEMENTED).getCode());
    assertEquals(
        io.grpc.Status.Code.RESOURCE_EXHAUSTED.value(), wire(Code.RESOURCE_EXHAUSTED).getCode());
    assertEquals(io.grpc.Status.Code.CANCELLED.value(), wire(Code.CANCELLED).getCode());
  }

  @Test
  void aReportedFailureKeepsDetailsOfAnyType() {
    var stack = new Detail.Relayed(KIT + "stack.Stack+json", Bytes.utf8("{\"frames\":[]}"));
    Status sent = wire(Code.STEP_FAILED, stack, new Detail.ProcessExit(3), PLACE);

    BuildException failure = failures.reported(sent);

    assertEquals(List.of(stack, new Detail.ProcessExit(3), PLACE), failure.details());
    assertEquals(Code.STEP_FAILED, failure.code());
    assertEquals("it broke", failure.message());
    assertEquals(sent, StatusProto.fromThrowable(failures.of(failure)));
  }

  @Test
  void aReportedFailureOfAnotherProgramHasTheKindOfItsCode() {
    var status = Status.newBuilder().setCode(5).setMessage("no such thing").build();
    assertEquals(Code.NOT_FOUND, failures.reported(status).code());
    assertEquals(Code.FAILED, failures.reported(status.toBuilder().setCode(2).build()).code());
  }
}
