package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Build;
import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.build.ProgressLog;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import moby.buildkit.v1.StatusResponse;

/**
 * Sends one reader the events of a build, no faster than it takes them. Its lock guards what the
 * call's callbacks tell the thread that sends.
 */
final class StatusStream implements Runnable {
  private static final long LOOKUP_MILLIS = 6_000;
  private static final long POLL_MILLIS = 1_000;
  private static final int BATCH_ENTRIES = 512;
  private static final int BATCH_BYTES = 1 << 20;

  private final String ref;
  private final Builds builds;
  private final ServerCallStreamObserver<StatusResponse> observer;
  private final Failures failures;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  StatusStream(
      String ref,
      Builds builds,
      ServerCallStreamObserver<StatusResponse> observer,
      Failures failures) {
    this.ref = ref;
    this.builds = builds;
    this.observer = observer;
    this.failures = failures;
  }

  /** Connects the callbacks; to be called before the handler returns. */
  void prepare() {
    observer.setOnReadyHandler(this::wake);
    observer.setOnCancelHandler(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    try {
      Build build =
          builds
              .find(ref, LOOKUP_MILLIS)
              .orElseThrow(() -> new BuildException(Code.NOT_FOUND, "no such job " + ref));
      send(build.log());
    } catch (InterruptedException | RuntimeException failure) {
      if (!observer.isCancelled()) {
        observer.onError(failures.of(failure));
      }
    }
  }

  private void send(ProgressLog log) throws InterruptedException {
    long last = -1;
    while (!observer.isCancelled()) {
      ProgressLog.Batch batch = log.read(last, BATCH_ENTRIES, BATCH_BYTES, POLL_MILLIS);
      last = batch.last();
      if (!batch.entries().isEmpty()) {
        awaitReady();
        observer.onNext(StatusMessages.of(batch.entries()));
      }
      if (batch.end()) {
        observer.onCompleted();
        return;
      }
    }
  }

  /** Ends at the latest when the call does. */
  private void awaitReady() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!observer.isReady() && !observer.isCancelled()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
