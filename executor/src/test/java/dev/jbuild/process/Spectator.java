package dev.jbuild.process;

import dev.jbuild.process.runtime.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches and steers one process of a test; what it writes on both streams is one text. */
public final class Spectator implements ProcessRequest.Attended {
  private static final long PATIENCE_MILLIS = 60_000;

  private final boolean terminal;
  private final CompletableFuture<RunningProcess> process = new CompletableFuture<>();
  private final CompletableFuture<OutputStream> input = new CompletableFuture<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private boolean closed;
  private @Nullable Future<Integer> running;

  public Spectator(boolean terminal) {
    this.terminal = terminal;
  }

  /** Keeps the call that runs the process. */
  void runs(Future<Integer> call) {
    running = call;
  }

  Future<Integer> running() {
    return Objects.requireNonNull(running);
  }

  /** Its process finds its input at the end. */
  Spectator closed() {
    closed = true;
    return this;
  }

  @Override
  public boolean terminal() {
    return terminal;
  }

  @Override
  public void started(RunningProcess running) {
    process.complete(running);
  }

  @Override
  public void stdin(OutputStream in) {
    input.complete(in);
    if (closed) {
      close();
    }
  }

  void close() {
    try {
      input.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  void type(String text) throws Exception {
    OutputStream in = input.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    try {
      in.write(text.getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  RunningProcess process() throws Exception {
    return process.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void stdout(byte[] bytes, int offset, int length) {
    written.write(bytes, offset, length);
  }

  @Override
  public synchronized void stderr(byte[] bytes, int offset, int length) {
    written.write(bytes, offset, length);
  }

  synchronized String out() {
    return written.toString(StandardCharsets.UTF_8);
  }

  void await(String text) {
    Eventually.await("'" + text + "' is written", PATIENCE_MILLIS, () -> out().contains(text));
  }
}
