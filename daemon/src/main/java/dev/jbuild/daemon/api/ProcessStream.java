package dev.jbuild.daemon.api;

import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import moby.buildkit.v1.frontend.ExecMessage;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code ExecProcess}: any number of processes of one client, each message with the id
 * of its own. The client is asked for its next message when the last one has been taken, so what is
 * kept of it has a bound; what processes write waits until the client takes it. Its lock guards the
 * table and the answers.
 */
final class ProcessStream implements StreamObserver<ExecMessage> {
  /** So many at once on one stream. */
  static final int PROCESSES = 100;

  /** So many on one stream in its life: the ids of those that have ended stay known. */
  private static final int IDS = 10_000;

  private final ServerCallStreamObserver<ExecMessage> call;
  private final Finding finding;
  private final Failures failures;
  private final ThreadFactory threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, StreamedProcess> processes = new HashMap<>();
  private boolean closed; // by the client: it sends nothing any more
  private boolean ended; // nothing is sent to it any more

  /** Finds the build. */
  interface Finding {
    Gateway gateway() throws InterruptedException;
  }

  /** To be made in the call's handler. */
  ProcessStream(
      ServerCallStreamObserver<ExecMessage> call,
      Finding finding,
      Failures failures,
      ThreadFactory threads) {
    this.call = call;
    this.finding = finding;
    this.failures = failures;
    this.threads = threads;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::wake);
    call.setOnCancelHandler(this::stop);
    call.request(1);
  }

  @Override
  public void onNext(ExecMessage message) {
    try {
      if (take(message)) {
        next();
      }
    } catch (BuildException refused) {
      fail(refused);
    }
  }

  /** Whether the next message is wanted now; otherwise it is asked for later. */
  private boolean take(ExecMessage message) {
    String id = message.getProcessID();
    if (id.isEmpty()) {
      throw new BuildException(Code.INVALID, "exec: a message has no process id");
    }
    return switch (message.getInputCase()) {
      case INIT -> {
        begin(id, message);
        yield true;
      }
      case FILE -> find(id).input(message.getFile());
      case RESIZE -> {
        var size = message.getResize();
        yield find(id).control(process -> process.resize(size.getRows(), size.getCols()));
      }
      case SIGNAL -> {
        int signal = ContainerMessages.signal(message.getSignal().getName());
        yield find(id).control(process -> process.signal(signal));
      }
      case STARTED, EXIT, DONE, INPUT_NOT_SET ->
          throw new BuildException(
              Code.INVALID,
              "exec: process '" + id + "' got a message of kind " + message.getInputCase());
    };
  }

  private void begin(String id, ExecMessage message) {
    var process = new StreamedProcess(id, message.getInit(), this, threads);
    lock.lock();
    try {
      long live = processes.values().stream().filter(each -> !each.isDone()).count();
      if (live >= PROCESSES || processes.size() >= IDS) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED, "exec: the stream has had " + processes.size() + " processes");
      }
      if (processes.putIfAbsent(id, process) != null) {
        throw new BuildException(Code.INVALID, "exec: process '" + id + "' runs already");
      }
    } finally {
      lock.unlock();
    }
    process.begin();
  }

  private StreamedProcess find(String id) {
    StreamedProcess found = known(id);
    if (found == null) {
      throw new BuildException(Code.NOT_FOUND, "exec: no such process '" + id + "'");
    }
    return found;
  }

  private @Nullable StreamedProcess known(String id) {
    lock.lock();
    try {
      return processes.get(id);
    } finally {
      lock.unlock();
    }
  }

  Gateway gateway() throws InterruptedException {
    return finding.gateway();
  }

  Failures failures() {
    return failures;
  }

  /** Asks the client for its next message. */
  void next() {
    lock.lock();
    try {
      if (!ended && !call.isCancelled()) {
        call.request(1);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends an answer when the client takes it; drops it when the call has ended. */
  void send(ExecMessage message) {
    lock.lock();
    try {
      while (!ended && !call.isReady() && !call.isCancelled()) {
        changed.awaitUninterruptibly();
      }
      if (!ended && !call.isCancelled()) {
        call.onNext(message);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A process has ended and been told of; its id stays taken. */
  void done() {
    lock.lock();
    try {
      completeWhenQuiet();
    } finally {
      lock.unlock();
    }
  }

  private void completeWhenQuiet() {
    if (closed && !ended && processes.values().stream().allMatch(StreamedProcess::isDone)) {
      ended = true;
      if (!call.isCancelled()) {
        call.onCompleted();
      }
    }
  }

  /** Ends the stream with all its processes. */
  void fail(Throwable failure) {
    lock.lock();
    try {
      if (!ended && !call.isCancelled()) {
        ended = true;
        call.onError(failures.of(failure));
      }
    } finally {
      lock.unlock();
    }
    stop();
  }

  private void stop() {
    lock.lock();
    try {
      processes.values().forEach(StreamedProcess::stop);
      changed.signalAll();
    } finally {
      lock.unlock();
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

  @Override
  public void onError(Throwable gone) {
    stop();
  }

  @Override
  public void onCompleted() {
    lock.lock();
    try {
      closed = true;
      processes.values().forEach(StreamedProcess::endInput);
      completeWhenQuiet();
    } finally {
      lock.unlock();
    }
  }
}
