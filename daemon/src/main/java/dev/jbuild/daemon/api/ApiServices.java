package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.BuildService;
import dev.jbuild.daemon.gateway.Gateways;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.daemon.session.SessionHost;
import dev.jbuild.daemon.session.sync.BrokenMessages;
import dev.jbuild.daemon.session.tunnel.SessionMethod;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.wire.Caps;
import dev.jbuild.llb.wire.DefinitionDecoder;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** The daemon's gRPC services, ready for any transport. */
public final class ApiServices {
  /** Both ways, on both sides. Source: reference wire-control, section 1. */
  public static final int MESSAGE_BYTES = 16 << 20;

  /** Trailers carry whole Dockerfiles. */
  public static final int METADATA_BYTES = 4 << 20;

  private final BuildService builds;
  private final Gateways gateways;
  private final WorkerInfo worker;
  private final SessionHost sessions;
  private final StateContents contents;
  private final BuildHistory history;
  private final RecordedBlobs blobs;
  private final Clock clock;
  private final ThreadFactory threads;

  /**
   * @param threads cheap ones: one for each reader of progress
   */
  public ApiServices(
      BuildService builds,
      Gateways gateways,
      WorkerInfo worker,
      SessionHost sessions,
      StateContents contents,
      BuildHistory history,
      RecordedBlobs blobs,
      Clock clock,
      ThreadFactory threads) {
    this.builds = builds;
    this.gateways = gateways;
    this.worker = worker;
    this.sessions = sessions;
    this.contents = contents;
    this.history = history;
    this.blobs = blobs;
    this.clock = clock;
    this.threads = threads;
  }

  /** What ends calls that are still open when the daemon stops. */
  public static StatusRuntimeException stopped() {
    return new Failures()
        .of(
            new BuildException(
                Code.UNAVAILABLE,
                "the daemon was told to stop, which ended the call: try again when it is back"));
  }

  /**
   * Definitions for a server that anybody calls: those of {@link #definitions} and the usual ones
   * by which clients find out whether it lives and what it offers.
   */
  @SuppressWarnings("deprecation") // older clients ask for the services by reflection's first form
  public List<ServerServiceDefinition> served() {
    var all = new ArrayList<>(definitions());
    var health = new HealthStatusManager();
    for (ServerServiceDefinition each : all) {
      health.setStatus(each.getServiceDescriptor().getName(), ServingStatus.SERVING);
    }
    all.add(health.getHealthService().bindService());
    all.add(ProtoReflectionServiceV1.newInstance().bindService());
    all.add(ProtoReflectionService.newInstance().bindService());
    return List.copyOf(all);
  }

  /** Definitions to be added to a server. */
  public List<ServerServiceDefinition> definitions() {
    var failures = new Failures(builds::stopping);
    var decoder = new DefinitionDecoder(Caps.KNOWN);
    var calls = new HistoryCalls(history, blobs, clock, failures, threads);
    var control = new ControlService(builds, worker, decoder, failures, contents, calls);
    var bridge =
        new BridgeService(
            BridgeService.Finding.byHeader(gateways),
            worker,
            new BridgeMessages(decoder),
            failures,
            threads);
    var reports = new ReportsService(builds.reports(), history);
    var content = new ContentService(blobs, failures, threads);
    // The last one is the outermost: it sees what the others throw.
    return Stream.of(
            ServerInterceptors.intercept(
                SessionMethod.in(
                    control.bindService(),
                    (stream, loop) -> sessions.open(RequestHeaders.current(), stream, loop)),
                new RequestHeaders(),
                new TimestampInterceptor(clock),
                new ExceptionInterceptor(failures)),
            ServerInterceptors.intercept(
                bridge, new RequestHeaders(), new ExceptionInterceptor(failures)),
            ServerInterceptors.intercept(reports, new ExceptionInterceptor(failures)),
            ServerInterceptors.intercept(content, new ExceptionInterceptor(failures)))
        .map(BrokenMessages::refused)
        .toList();
  }
}
