package dev.jbuild.daemon.api;

import dev.jbuild.daemon.storage.GcPolicy;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import moby.buildkit.v1.DiskUsageRequest;
import moby.buildkit.v1.DiskUsageResponse;
import moby.buildkit.v1.PruneRequest;
import moby.buildkit.v1.UsageRecord;

/** DiskUsage and Prune. Source: reference wire-control, section 8. */
record StorageCalls(StateContents contents, Failures failures) {

  void usage(DiskUsageRequest request, StreamObserver<DiskUsageResponse> observer) {
    try {
      var response = DiskUsageResponse.newBuilder();
      Duration age = Duration.ofNanos(Math.max(0, request.getAgeLimit()));
      contents.usage(request.getFilterList(), age).forEach(each -> response.addRecord(wire(each)));
      observer.onNext(response.build());
      observer.onCompleted();
    } catch (IOException | InterruptedException e) {
      observer.onError(failures.of(failure("listing what the cache holds", e)));
    }
  }

  /** Each that is gone is told at once; who ends the call ends the collection. */
  void prune(PruneRequest request, ServerCallStreamObserver<UsageRecord> observer) {
    GcPolicy rule = rule(request);
    Thread worker = Thread.currentThread();
    // The observer's own callbacks wait until this method has returned.
    Context.CancellationListener stop = ended -> worker.interrupt();
    Context call = Context.current();
    call.addListener(stop, Runnable::run);
    try {
      contents.prune(rule, gone -> observer.onNext(wire(gone)));
      call.removeListener(stop);
      observer.onCompleted();
    } catch (IOException | InterruptedException e) {
      if (!observer.isCancelled()) {
        observer.onError(failures.of(failure("collecting the cache", e)));
      }
    }
  }

  private static GcPolicy rule(PruneRequest request) {
    try {
      return new GcPolicy(
          request.getAll(),
          Duration.ofNanos(request.getKeepDuration()),
          request.getFilterList(),
          request.getReservedSpace(),
          request.getMaxUsedSpace(),
          request.getMinFreeSpace());
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "prune: " + e.getMessage(), e);
    }
  }

  private static Exception failure(String what, Exception cause) {
    return cause instanceof IOException
        ? new BuildException(Code.FAILED, what + ": " + cause.getMessage(), cause)
        : cause;
  }

  private static UsageRecord wire(dev.jbuild.daemon.storage.UsageRecord record) {
    var wire =
        UsageRecord.newBuilder()
            .setID(record.id())
            .setMutable(record.mutable())
            .setInUse(record.inUse())
            .setSize(record.sizeBytes())
            .setCreatedAt(StatusMessages.timestamp(record.created()))
            .setUsageCount(record.uses())
            .setDescription(record.description())
            .setRecordType(record.type().word())
            .setShared(record.shared())
            .addAllParents(record.parents());
    if (record.lastUsed() != null) {
      wire.setLastUsedAt(StatusMessages.timestamp(record.lastUsed()));
    }
    return wire.build();
  }
}
