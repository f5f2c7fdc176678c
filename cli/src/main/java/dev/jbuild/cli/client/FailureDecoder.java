package dev.jbuild.cli.client;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.json.DetailJson;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Bytes;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the status of a failed call into the failure that the daemon had. */
final class FailureDecoder {
  /** Of gRPC, when a server hangs up on the first bytes. */
  private static final String HUNG_UP = "Network closed for unknown reason";

  private FailureDecoder() {}

  /**
   * The failure.
   *
   * @param place the daemon's address, for failures to reach it
   */
  static BuildException of(StatusRuntimeException e, String place) {
    Status status = StatusProto.fromThrowable(e);
    var json = new DetailJson();
    var details = new ArrayList<Detail>();
    Code code = null;
    if (status != null) {
      for (Any any : status.getDetailsList()) {
        Bytes value = Bytes.copyOf(any.getValue().toByteArray());
        json.read(any.getTypeUrl(), value).ifPresent(details::add);
        code = json.readCode(any.getTypeUrl(), value).orElse(code);
      }
    }
    if (details.contains(new Detail.MissingCapability(NetworkPlan.CAPABILITY))) {
      return new BuildException(
          Code.UNIMPLEMENTED,
          "--egress, --dns: the daemon at '"
              + place
              + "' would not heed them: it is older than this jbuild, or not a jbuildd",
          e,
          details);
    }
    String description = e.getStatus().getDescription();
    if (code != null) {
      return new BuildException(code, description == null ? code.name() : description, e, details);
    }
    return new BuildException(code(e, details), text(e, place), e, details);
  }

  private static String text(StatusRuntimeException e, String place) {
    String description = e.getStatus().getDescription();
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE ->
          "the daemon at '" + place + "' does not answer: " + reason(e, description, place);
      default -> description == null ? e.getStatus().getCode().name() : description;
    };
  }

  private static String reason(
      StatusRuntimeException e, @Nullable String description, String place) {
    Throwable cause = e.getStatus().getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = cause == null ? null : cause.getMessage();
    String why = text == null ? String.valueOf(description) : text;
    return why.equals(HUNG_UP) && place.startsWith("tcp://")
        ? "it hung up; if it serves TLS, give --tlscacert, --tlscert and --tlskey"
        : why;
  }

  /** Of a daemon that tells no code of ours. */
  private static Code code(StatusRuntimeException e, List<Detail> details) {
    if (details.stream().anyMatch(Detail.ProcessExit.class::isInstance)) {
      return Code.STEP_FAILED;
    }
    return switch (e.getStatus().getCode()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> Code.INVALID;
      case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
      case NOT_FOUND -> Code.NOT_FOUND;
      case PERMISSION_DENIED -> Code.PERMISSION_DENIED;
      case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
      case UNAVAILABLE, DEADLINE_EXCEEDED -> Code.UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
      case DATA_LOSS -> Code.DATA_LOSS;
      case UNIMPLEMENTED -> Code.UNIMPLEMENTED;
      case CANCELLED, ABORTED -> Code.CANCELLED;
      case OK, UNKNOWN, INTERNAL -> Code.FAILED;
    };
  }
}
