package dev.jbuild.daemon.api;

import com.google.rpc.Status;
import dev.jbuild.daemon.build.LogEntry;
import dev.jbuild.daemon.history.BuildRecord;
import dev.jbuild.daemon.history.WireForms;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.json.DetailJson;
import dev.jbuild.oci.Bytes;
import io.grpc.protobuf.StatusProto;
import java.util.List;

/** What a record keeps in the API's own form. */
public final class HistoryForms implements WireForms {
  /** Long ones are whole in the status beside them. */
  private static final int MESSAGE_CHARS = 32_768;

  private final Failures failures = new Failures();

  @Override
  public Bytes status(List<LogEntry> entries) {
    return Bytes.copyOf(StatusMessages.of(entries).toByteArray());
  }

  @Override
  public Failed failed(Throwable failure) {
    Status status =
        failure instanceof BuildException known
            ? StatusProto.fromThrowable(failures.of(marked(known)))
            : null;
    if (status == null) {
      // The call's answer names the entry in the daemon's log.
      status =
          Status.newBuilder()
              .setCode(io.grpc.Status.Code.INTERNAL.value())
              .setMessage("this is a bug in jbuild; the daemon's log tells more")
              .build();
    }
    String message = status.getMessage();
    String kept =
        message.length() > MESSAGE_CHARS ? message.substring(0, MESSAGE_CHARS) + "..." : message;
    return new Failed(
        new BuildRecord.Failure(status.getCode(), kept), Bytes.copyOf(status.toByteArray()));
  }

  /**
   * Clients know a cancelled build by these words. The op is for those who look at the failed step
   * now: a record would only keep its variables and files for long.
   */
  private static BuildException marked(BuildException failure) {
    String message =
        failure.code() == Code.CANCELLED
            ? failure.message() + ": context canceled"
            : failure.message();
    List<Detail> kept =
        failure.details().stream().filter(detail -> !DetailJson.isFailedOp(detail)).toList();
    return new BuildException(failure.code(), message, failure, kept);
  }
}
