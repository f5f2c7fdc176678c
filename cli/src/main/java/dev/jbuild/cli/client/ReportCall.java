package dev.jbuild.cli.client;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks for the reports of a build.
 *
 * @param place the daemon's address, for failures to reach it
 */
record ReportCall(Channel channel, String place) {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /**
   * What the steps of a build did in their networks, as JSON.
   *
   * @throws BuildException UNIMPLEMENTED when the daemon is an older one, or not jbuild's
   */
  Bytes network(String ref) {
    try {
      var reply =
          ReportsGrpc.newBlockingStub(channel)
              .withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES)
              .withDeadlineAfter(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .network(NetworkReportRequest.newBuilder().setRef(ref).build());
      return Bytes.copyOf(reply.getJson().toByteArray());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        throw new BuildException(
            Code.UNIMPLEMENTED,
            "the daemon at '"
                + place
                + "' keeps no network reports: it is older than this jbuild, or not a jbuildd",
            e);
      }
      throw FailureDecoder.of(e, place);
    }
  }
}
