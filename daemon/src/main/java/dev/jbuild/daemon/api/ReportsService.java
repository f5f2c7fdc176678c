package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.NetworkReports;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.Section;
import dev.jbuild.daemon.history.StoredBlob;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.v1.NetworkReportReply;
import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import dev.jbuild.v1.TraceReply;
import dev.jbuild.v1.TraceRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;

/** The service {@code dev.jbuild.v1.Reports}. */
final class ReportsService extends ReportsGrpc.ReportsImplBase {
  private final NetworkReports reports;
  private final BuildHistory history;

  ReportsService(NetworkReports reports, BuildHistory history) {
    this.reports = reports;
    this.history = history;
  }

  @Override
  public void network(NetworkReportRequest request, StreamObserver<NetworkReportReply> observer) {
    observer.onNext(NetworkReportReply.newBuilder().setJson(network(request.getRef())).build());
    observer.onCompleted();
  }

  /** Of a build that has just ended from memory, of an older one from its record. */
  private ByteString network(String ref) {
    try {
      return ByteString.copyFrom(reports.find(ref).toArray());
    } catch (BuildException notInMemory) {
      return section(ref, Section.Kind.NETWORK).orElseThrow(() -> notInMemory);
    }
  }

  @Override
  public void trace(TraceRequest request, StreamObserver<TraceReply> observer) {
    String ref = request.getRef();
    try {
      var record =
          history
              .find(ref)
              .orElseThrow(
                  () -> new BuildException(Code.NOT_FOUND, "no build record of ref '" + ref + "'"));
      ByteString json =
          section(ref, Section.Kind.TRACE).orElseGet(() -> ByteString.copyFromUtf8("[]\n"));
      observer.onNext(
          TraceReply.newBuilder()
              .setJson(json)
              .addAllEntitlements(record.request().entitlements())
              .build());
      observer.onCompleted();
    } catch (InterruptedException e) {
      throw new BuildException(Code.CANCELLED, "the call was cancelled", e);
    }
  }

  private Optional<ByteString> section(String ref, Section.Kind kind) {
    try {
      Optional<StoredBlob> found = history.open(ref, kind);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (StoredBlob blob = found.get()) {
        return Optional.of(ByteString.copyFrom(blob.read(0, Math.toIntExact(blob.size()))));
      }
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "build record '" + ref + "': " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new BuildException(Code.CANCELLED, "the call was cancelled", e);
    }
  }
}
