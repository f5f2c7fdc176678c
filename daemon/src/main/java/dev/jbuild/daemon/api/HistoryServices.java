package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.build.NetworkReports;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.RecordedBlobs;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** The services of a process that has a build history and builds nothing. */
public record HistoryServices(
    BuildHistory history, RecordedBlobs blobs, Clock clock, ThreadFactory threads) {

  /** Definitions to be added to a server. */
  public List<ServerServiceDefinition> definitions() {
    var failures = new Failures();
    var exceptions = new ExceptionInterceptor(failures);
    var calls = new HistoryCalls(history, blobs, clock, failures, threads);
    return List.of(
        ServerInterceptors.intercept(
            new HistoryControl(calls, new Builds(clock)),
            new TimestampInterceptor(clock),
            exceptions),
        ServerInterceptors.intercept(new ReportsService(new NetworkReports(), history), exceptions),
        ServerInterceptors.intercept(new ContentService(blobs, failures, threads), exceptions));
  }
}
