package dev.jbuild.daemon.api;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.json.DetailJson;
import dev.jbuild.oci.Bytes;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Failures as gRPC statuses with details. A failure that is not the user's is a bug: the client
 * gets an id, the operator's log the rest. Source: reference wire-control, section 9.
 */
final class Failures {
  private static final System.Logger LOG = System.getLogger(Failures.class.getName());

  /** Larger details are left out: trailers have a limit, and the message matters most. */
  private static final int DETAIL_BYTES = 512 * 1024;

  private final DetailJson json = new DetailJson();
  private final Supplier<Optional<BuildException>> stopping;

  Failures() {
    this(Optional::empty);
  }

  /**
   * @param stopping why calls end that their clients did not cancel
   */
  Failures(Supplier<Optional<BuildException>> stopping) {
    this.stopping = stopping;
  }

  /** The exception that ends the call. */
  StatusRuntimeException of(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (interrupted(cause)) {
      cause = stopping.get().<Throwable>map(why -> why).orElse(cause);
    }
    if (cause instanceof BuildException known) {
      return StatusProto.toStatusRuntimeException(status(known));
    }
    if (cause instanceof StatusRuntimeException status) {
      return status;
    }
    if (cause instanceof StatusException status) {
      return new StatusRuntimeException(status.getStatus(), status.getTrailers());
    }
    if (interrupted(cause)) {
      return io.grpc.Status.CANCELLED.withDescription("cancelled").asRuntimeException();
    }
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    LOG.log(System.Logger.Level.ERROR, "bug " + id + ": a call ended with an exception", cause);
    return io.grpc.Status.INTERNAL
        .withDescription("this is a bug in jbuild; the daemon's log has it under 'bug " + id + "'")
        .asRuntimeException();
  }

  private static boolean interrupted(Throwable cause) {
    return cause instanceof CancellationException
        || cause instanceof InterruptedException
        || (cause instanceof BuildException known && known.code() == Code.CANCELLED);
  }

  /**
   * The failure that a client's own frontend reports: its message and its details as they came,
   * those of unknown types too.
   */
  BuildException reported(Status status) {
    var details = new ArrayList<Detail>();
    Code code = null;
    for (Any any : status.getDetailsList()) {
      Bytes value = Bytes.copyOf(any.getValue().toByteArray());
      json.read(any.getTypeUrl(), value).ifPresent(details::add);
      code = json.readCode(any.getTypeUrl(), value).orElse(code);
    }
    io.grpc.Status.Code grpc = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
    return new BuildException(code == null ? code(grpc) : code, status.getMessage(), null, details);
  }

  private static Code code(io.grpc.Status.Code code) {
    return switch (code) {
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

  private Status status(BuildException failure) {
    var status = Status.newBuilder().setCode(grpc(failure).value()).setMessage(failure.message());
    int size = 0;
    for (Detail detail : failure.details()) {
      DetailJson.Typed typed = json.write(detail);
      if (size + typed.json().size() <= DETAIL_BYTES) {
        size += typed.json().size();
        status.addDetails(any(typed));
      }
    }
    return status.addDetails(any(json.write(failure.code()))).build();
  }

  /** The type is given as it is, without the usual prefix: clients compare it exactly. */
  private static Any any(DetailJson.Typed typed) {
    return Any.newBuilder()
        .setTypeUrl(typed.typeUrl())
        .setValue(ByteString.copyFrom(typed.json().toArray()))
        .build();
  }

  /**
   * Clients put the name of any code but UNKNOWN before the message: where the place in a file is
   * told, and the excerpt printed, that says nothing more.
   */
  private static io.grpc.Status.Code grpc(BuildException failure) {
    if (failure.details().stream().anyMatch(Detail.DeniedSource.class::isInstance)) {
      // As BuildKit has it.
      return io.grpc.Status.Code.UNKNOWN;
    }
    boolean placed = failure.details().stream().anyMatch(Detail.Source.class::isInstance);
    boolean usersOwn = failure.code() == Code.INVALID || failure.code() == Code.NOT_FOUND;
    return placed && usersOwn ? io.grpc.Status.Code.UNKNOWN : grpc(failure.code());
  }

  private static io.grpc.Status.Code grpc(Code code) {
    return switch (code) {
      case INVALID -> io.grpc.Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> io.grpc.Status.Code.NOT_FOUND;
      case ALREADY_EXISTS -> io.grpc.Status.Code.ALREADY_EXISTS;
      case PERMISSION_DENIED -> io.grpc.Status.Code.PERMISSION_DENIED;
      case UNAUTHENTICATED -> io.grpc.Status.Code.UNAUTHENTICATED;
      case STEP_FAILED, FAILED -> io.grpc.Status.Code.UNKNOWN;
      case UNAVAILABLE -> io.grpc.Status.Code.UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> io.grpc.Status.Code.RESOURCE_EXHAUSTED;
      case DATA_LOSS -> io.grpc.Status.Code.DATA_LOSS;
      case UNIMPLEMENTED -> io.grpc.Status.Code.UNIMPLEMENTED;
      case CANCELLED -> io.grpc.Status.Code.CANCELLED;
    };
  }
}
