package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Builds;
import io.grpc.stub.StreamObserver;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryRequest;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.UpdateBuildHistoryRequest;
import moby.buildkit.v1.UpdateBuildHistoryResponse;

/** The part of Control that needs no engine: reading and changing the history. */
final class HistoryControl extends ControlGrpc.ControlImplBase {
  private final HistoryCalls calls;
  private final Builds none;

  /**
   * @param none that run: for a process that builds nothing
   */
  HistoryControl(HistoryCalls calls, Builds none) {
    this.calls = calls;
    this.none = none;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    calls.status(request, none, 0, observer);
  }

  @Override
  public void listenBuildHistory(
      BuildHistoryRequest request, StreamObserver<BuildHistoryEvent> observer) {
    calls.listen(request, observer);
  }

  @Override
  public void updateBuildHistory(
      UpdateBuildHistoryRequest request, StreamObserver<UpdateBuildHistoryResponse> observer) {
    calls.update(request, observer);
  }
}
