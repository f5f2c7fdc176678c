package dev.jbuild.daemon.api;

import com.google.protobuf.MessageLite;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A streamed answer that is sent no faster than its reader takes it. Its lock guards what the
 * call's callbacks tell the thread that sends.
 */
final class PacedCall<M extends MessageLite> {
  private final ServerCallStreamObserver<M> observer;
  private final Failures failures;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Connects the callbacks; to be made before the handler returns. */
  PacedCall(ServerCallStreamObserver<M> observer, Failures failures) {
    this.observer = observer;
    this.failures = failures;
    observer.setOnReadyHandler(this::wake);
    observer.setOnCancelHandler(this::wake);
  }

  /** Sends messages; throws what the caller shall know. */
  interface Sender {
    void send() throws Exception;
  }

  /** Runs a sender and ends the call as it ends. */
  void run(Sender sender) {
    try {
      sender.send();
      if (!observer.isCancelled()) {
        observer.onCompleted();
      }
    } catch (Throwable failure) { // an error, too, would leave the reader waiting for ever
      if (!observer.isCancelled()) {
        observer.onError(failures.of(failure));
      }
    }
  }

  boolean cancelled() {
    return observer.isCancelled();
  }

  /** Sends a message when the reader is ready for it; drops it when the call has ended. */
  void send(M message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!observer.isReady() && !observer.isCancelled()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    if (!observer.isCancelled()) {
      observer.onNext(message);
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
