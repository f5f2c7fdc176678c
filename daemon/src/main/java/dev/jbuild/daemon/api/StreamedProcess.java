package dev.jbuild.daemon.api;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.RunningProcess;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import moby.buildkit.v1.frontend.DoneMessage;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.ExitMessage;
import moby.buildkit.v1.frontend.FdMessage;
import moby.buildkit.v1.frontend.InitMessage;
import moby.buildkit.v1.frontend.StartedMessage;
import org.jspecify.annotations.Nullable;

/**
 * A process of a stream, which a thread of its own waits for. It is told of in this order: started,
 * what it writes, the ends of its outputs, its exit, done.
 */
final class StreamedProcess implements Attended {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** Of a process that was never there, or is not known of. */
  private static final int UNKNOWN_EXIT = 255;

  private final String id;
  private final InitMessage init;
  private final ExecOp op;
  private final ProcessStream stream;
  private final ThreadFactory threads;
  private final Thread thread;
  private final CompletableFuture<RunningProcess> running = new CompletableFuture<>();
  private final CompletableFuture<OutputStream> input = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null); // guarded by this
  private volatile boolean done;

  StreamedProcess(String id, InitMessage init, ProcessStream stream, ThreadFactory threads) {
    this.id = id;
    this.init = init;
    this.op = ContainerMessages.process(init);
    this.stream = stream;
    this.threads = threads;
    this.thread = threads.newThread(this::run);
  }

  /** What a client does with a process. */
  interface Control {
    void on(RunningProcess process) throws IOException, InterruptedException;
  }

  void begin() {
    thread.start();
    if (!init.getFdsList().contains(0)) {
      endInput();
    }
  }

  private void run() {
    try {
      var gateway = stream.gateway();
      gateway.checkContainer(init.getContainerID());
      int code = UNKNOWN_EXIT;
      BuildException failure = null;
      try {
        code = gateway.exec(init.getContainerID(), op, this);
      } catch (BuildException failed) {
        failure = failed;
      }
      tell(code, failure);
    } catch (InterruptedException | RuntimeException failure) {
      stream.fail(failure);
    } finally {
      done = true;
      running.cancel(false);
      input.cancel(false);
      stream.done();
    }
  }

  private void tell(int code, @Nullable BuildException failure) {
    if (!running.isDone()) {
      send(message().setStarted(StartedMessage.getDefaultInstance()));
    }
    for (int fd : List.of(STDOUT, STDERR)) {
      if (init.getFdsList().contains(fd)) {
        send(message().setFile(FdMessage.newBuilder().setFd(fd).setEOF(true)));
      }
    }
    var exit = ExitMessage.newBuilder().setCode(code);
    if (failure != null) {
      exit.setError(status(failure, exit.build()));
    } else if (code != 0) {
      exit.setError(
          status(
              new BuildException(
                  Code.STEP_FAILED,
                  "exit code: " + code,
                  null,
                  List.of(new Detail.ProcessExit(code))),
              exit.build()));
    }
    send(message().setExit(exit));
    send(message().setDone(DoneMessage.getDefaultInstance()));
  }

  private Status status(BuildException failure, ExitMessage exit) {
    return StatusProto.fromStatusAndTrailers(
            stream.failures().of(failure).getStatus(), stream.failures().of(failure).getTrailers())
        .toBuilder()
        .addDetails(Any.pack(exit))
        .build();
  }

  boolean isDone() {
    return done;
  }

  void stop() {
    thread.interrupt();
  }

  /** Takes what is to be written; false when the next message has to wait for that. */
  boolean input(FdMessage file) {
    if (file.getFd() != 0) {
      throw new BuildException(
          Code.INVALID,
          "exec: process '" + id + "' got data for descriptor " + file.getFd() + ", want 0");
    }
    return later(
        () -> {
          OutputStream in = input.get();
          byte[] data = file.getData().toByteArray();
          if (data.length > 0) {
            in.write(data);
            in.flush();
          }
          if (file.getEOF()) {
            close(in);
          }
        });
  }

  /** Behind what was to be written before. */
  void endInput() {
    inTurn(
        () -> {
          try {
            close(input.get());
          } catch (Exception gone) {
            // There is no input to be ended.
          }
        });
  }

  /** The client's words take effect in their order, its end of the stream behind them. */
  private synchronized void inTurn(Runnable work) {
    last = last.thenRunAsync(work, task -> threads.newThread(task).start());
  }

  /** Once only: on a terminal it types the end. */
  private void close(OutputStream in) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      in.close();
    } catch (IOException gone) {
      // The process has ended: that is told in another way.
    }
  }

  /** Does something with the process; false: the next message has to wait for that. */
  boolean control(Control control) {
    return later(() -> control.on(running.get()));
  }

  /** Work that may have to wait for the process. */
  private interface Work {
    void run() throws Exception;
  }

  /** Messages to a process that has ended are dropped. */
  private boolean later(Work work) {
    inTurn(
        () -> {
          try {
            work.run();
          } catch (Exception gone) {
            // The process has ended, or did not begin: that is told in another way.
          } finally {
            stream.next();
          }
        });
    return false;
  }

  @Override
  public boolean terminal() {
    return init.getTty();
  }

  @Override
  public void started(RunningProcess process) {
    send(message().setStarted(StartedMessage.getDefaultInstance()));
    running.complete(process);
  }

  @Override
  public void stdin(OutputStream in) {
    input.complete(in);
  }

  @Override
  public void stdout(byte[] bytes, int offset, int length) {
    write(STDOUT, bytes, offset, length);
  }

  @Override
  public void stderr(byte[] bytes, int offset, int length) {
    write(STDERR, bytes, offset, length);
  }

  private void write(int fd, byte[] bytes, int offset, int length) {
    if (init.getFdsList().contains(fd)) {
      var data = ByteString.copyFrom(bytes, offset, length);
      send(message().setFile(FdMessage.newBuilder().setFd(fd).setData(data)));
    }
  }

  private ExecMessage.Builder message() {
    return ExecMessage.newBuilder().setProcessID(id);
  }

  private void send(ExecMessage.Builder message) {
    stream.send(message.build());
  }
}
