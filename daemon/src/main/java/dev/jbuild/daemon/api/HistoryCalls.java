package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.HistoryEvent;
import dev.jbuild.daemon.history.HistoryFilter;
import dev.jbuild.daemon.history.HistoryQuery;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.concurrent.ThreadFactory;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryRequest;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.UpdateBuildHistoryRequest;
import moby.buildkit.v1.UpdateBuildHistoryResponse;

/** The calls of Control that read the history. Source: reference wire-control, sections 5 and 7. */
record HistoryCalls(
    BuildHistory history,
    RecordedBlobs blobs,
    Clock clock,
    Failures failures,
    ThreadFactory threads) {
  private static final long POLL_MILLIS = 500;

  /** Sends the events of a build, a new, running or old one. */
  void status(
      StatusRequest request, Builds builds, long lookupMillis, StreamObserver<StatusResponse> o) {
    var call = new PacedCall<>((ServerCallStreamObserver<StatusResponse>) o, failures);
    threads
        .newThread(new StatusStream(request.getRef(), builds, history, lookupMillis, call))
        .start();
  }

  /** Sends what is there, then what happens. */
  void listen(BuildHistoryRequest request, StreamObserver<BuildHistoryEvent> observer) {
    if (request.getLimit() < 0) {
      throw new BuildException(
          Code.INVALID, "history: the limit is negative: " + request.getLimit());
    }
    var query =
        new HistoryQuery(
            request.getActiveOnly(),
            request.getRef(),
            HistoryFilter.parse(request.getFilterList(), clock),
            request.getLimit());
    var call = new PacedCall<>((ServerCallStreamObserver<BuildHistoryEvent>) observer, failures);
    boolean early = request.getEarlyExit();
    threads.newThread(() -> call.run(() -> send(query, early, call))).start();
  }

  private void send(HistoryQuery query, boolean early, PacedCall<BuildHistoryEvent> call)
      throws InterruptedException {
    var messages = new HistoryMessages(blobs);
    // First the ear, then the look: what happens between is heard, perhaps twice, never missed.
    try (var live = history.subscribe()) {
      for (HistoryEvent event : history.snapshot(query)) {
        call.send(messages.of(event));
      }
      while (!early && !call.cancelled()) {
        HistoryEvent event = live.next(POLL_MILLIS);
        if (event != null && query.wants(event)) {
          call.send(messages.of(event));
        }
      }
    }
  }

  /** Deletes, waits, or pins; the first that is asked for. */
  void update(
      UpdateBuildHistoryRequest request, StreamObserver<UpdateBuildHistoryResponse> observer) {
    try {
      if (request.getDelete()) {
        history.delete(request.getRef());
      } else if (request.getFinalize()) {
        history.finish(request.getRef());
      } else {
        history.pin(request.getRef(), request.getPinned());
      }
    } catch (InterruptedException e) {
      throw new BuildException(Code.CANCELLED, "the call was cancelled", e);
    }
    observer.onNext(UpdateBuildHistoryResponse.getDefaultInstance());
    observer.onCompleted();
  }
}
