package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Build;
import dev.jbuild.daemon.build.BuildRequest;
import dev.jbuild.daemon.build.BuildService;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.llb.wire.DefinitionDecoder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryRequest;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.DiskUsageRequest;
import moby.buildkit.v1.DiskUsageResponse;
import moby.buildkit.v1.InfoRequest;
import moby.buildkit.v1.InfoResponse;
import moby.buildkit.v1.ListWorkersRequest;
import moby.buildkit.v1.ListWorkersResponse;
import moby.buildkit.v1.PruneRequest;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.SolveResponse;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.UpdateBuildHistoryRequest;
import moby.buildkit.v1.UpdateBuildHistoryResponse;
import moby.buildkit.v1.UsageRecord;

/** The service {@code moby.buildkit.v1.Control}. Source: reference wire-control, section 2. */
final class ControlService extends ControlGrpc.ControlImplBase {
  private final BuildService builds;
  private final WorkerMessages worker;
  private final SolveRequests requests;
  private final StorageCalls storage;
  private final Failures failures;
  private final HistoryCalls history;

  ControlService(
      BuildService builds,
      WorkerInfo worker,
      DefinitionDecoder decoder,
      Failures failures,
      StateContents contents,
      HistoryCalls history) {
    this.storage = new StorageCalls(contents, failures);
    this.builds = builds;
    this.worker = new WorkerMessages(worker);
    this.requests = new SolveRequests(decoder);
    this.failures = failures;
    this.history = history;
  }

  /** Cancelling the call cancels the build; the answer comes when nothing of it is left. */
  @Override
  public void solve(SolveRequest request, StreamObserver<SolveResponse> observer) {
    var call = (ServerCallStreamObserver<SolveResponse>) observer;
    BuildRequest asked = requests.read(request).limitedTo(CallLimit.current());
    Build build = builds.start(asked, outcome -> answer(call, outcome));
    call.setOnCancelHandler(build::cancel);
  }

  private void answer(ServerCallStreamObserver<SolveResponse> call, Build.Outcome outcome) {
    if (call.isCancelled()) {
      return;
    }
    switch (outcome) {
      case Build.Failed failed -> call.onError(failures.of(failed.cause()));
      case Build.Built built -> {
        call.onNext(SolveResponse.newBuilder().putAllExporterResponse(built.response()).build());
        call.onCompleted();
      }
    }
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    history.status(request, builds.builds(), StatusStream.LOOKUP_MILLIS, observer);
  }

  @Override
  public void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
    observer.onNext(worker.list(request.getFilterList()));
    observer.onCompleted();
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
    observer.onNext(InfoResponse.newBuilder().setBuildkitVersion(worker.version()).build());
    observer.onCompleted();
  }

  @Override
  public void diskUsage(DiskUsageRequest request, StreamObserver<DiskUsageResponse> observer) {
    storage.usage(request, observer);
  }

  @Override
  public void prune(PruneRequest request, StreamObserver<UsageRecord> observer) {
    storage.prune(request, (ServerCallStreamObserver<UsageRecord>) observer);
  }

  @Override
  public void listenBuildHistory(
      BuildHistoryRequest request, StreamObserver<BuildHistoryEvent> observer) {
    history.listen(request, observer);
  }

  @Override
  public void updateBuildHistory(
      UpdateBuildHistoryRequest request, StreamObserver<UpdateBuildHistoryResponse> observer) {
    history.update(request, observer);
  }
}
