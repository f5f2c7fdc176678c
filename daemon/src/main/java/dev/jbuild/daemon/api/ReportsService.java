package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.NetworkReports;
import dev.jbuild.v1.NetworkReportReply;
import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import io.grpc.stub.StreamObserver;

/** The service {@code dev.jbuild.v1.Reports}. */
final class ReportsService extends ReportsGrpc.ReportsImplBase {
  private final NetworkReports reports;

  ReportsService(NetworkReports reports) {
    this.reports = reports;
  }

  @Override
  public void network(NetworkReportRequest request, StreamObserver<NetworkReportReply> observer) {
    byte[] json = reports.find(request.getRef()).toArray();
    observer.onNext(NetworkReportReply.newBuilder().setJson(ByteString.copyFrom(json)).build());
    observer.onCompleted();
  }
}
