package dev.jbuild.daemon.api;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.json.DetailJson;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Failures as gRPC statuses with details. A failure that is not the user's is a bug: the client
 * gets an id, the operator's log the rest. Source: reference wire-control, section 9.
 */
final class Failures {
  private static final System.Logger LOG = System.getLogger(Failures.class.getName());

  /** Larger details are left out: trailers have a limit, and the message matters most. */
  private static final int DETAIL_BYTES = 512 * 1024;

  private final DetailJson json = new DetailJson();

  /** The exception that ends the call. */
  StatusRuntimeException of(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
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
    if (cause instanceof CancellationException || cause instanceof InterruptedException) {
      return io.grpc.Status.CANCELLED.withDescription("cancelled").asRuntimeException();
    }
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    LOG.log(System.Logger.Level.ERROR, "bug " + id + ": a call ended with an exception", cause);
    return io.grpc.Status.INTERNAL
        .withDescription("this is a bug in jbuild; the daemon's log has it under 'bug " + id + "'")
        .asRuntimeException();
  }

  private Status status(BuildException failure) {
    var status =
        Status.newBuilder().setCode(grpc(failure.code()).value()).setMessage(failure.message());
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

  /** Clients show the bare message only with UNKNOWN, so what users cause by themselves is that. */
  private static io.grpc.Status.Code grpc(Code code) {
    return switch (code) {
      case INVALID -> io.grpc.Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> io.grpc.Status.Code.NOT_FOUND;
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
