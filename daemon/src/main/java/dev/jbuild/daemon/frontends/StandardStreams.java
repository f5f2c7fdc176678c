package dev.jbuild.daemon.frontends;

import dev.jbuild.process.ProcessRequest;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A program's standard input and output as the stream of a tunnel, and the end of its standard
 * error. What it writes is taken no faster than the tunnel takes it; the lock guards what is on its
 * way to it.
 */
final class StandardStreams extends ClientCallStreamObserver<ByteBuf>
    implements ProcessRequest.Dialogue {
  /** What may wait for the program; more is not asked for. */
  private static final int WAITING_BYTES = 1 << 20;

  private static final int ERRORS_CHARACTERS = 2000;
  private static final System.Logger LOG = System.getLogger(StandardStreams.class.getName());

  private final String name;
  private final ThreadFactory threads;
  private final ClientResponseObserver<ByteBuf, ByteBuf> tunnel;
  private final Semaphore wanted = new Semaphore(0);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private final StringBuilder errors = new StringBuilder();
  private int waitingBytes;
  private boolean ended;
  private volatile boolean closed;
  private volatile @Nullable Runnable ready;

  /**
   * @param name of the frontend, for the log
   * @param threads cheap ones: one writes
   * @param tunnel takes what the program writes
   */
  StandardStreams(
      String name, ThreadFactory threads, ClientResponseObserver<ByteBuf, ByteBuf> tunnel) {
    this.name = name;
    this.threads = threads;
    this.tunnel = tunnel;
    tunnel.beforeStart(this);
  }

  /** The last lines of standard error, empty where there are none. */
  String errors() {
    lock.lock();
    try {
      return errors.toString().strip();
    } finally {
      lock.unlock();
    }
  }

  /** The program has ended: nothing comes or goes any more. */
  void over() {
    closed = true;
    wanted.release(Integer.MAX_VALUE / 2);
    onCompleted();
    tunnel.onCompleted();
  }

  @Override
  public void stdin(OutputStream in) {
    threads.newThread(() -> write(in)).start();
  }

  private void write(OutputStream in) {
    try (in) {
      for (ByteBuf next = next(); next != null; next = next()) {
        try {
          next.readBytes(in, next.readableBytes());
          in.flush();
        } finally {
          next.release();
        }
      }
    } catch (IOException gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} reads no more: {1}", name, gone.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable ByteBuf next() throws InterruptedException {
    ByteBuf next;
    boolean room;
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !ended) {
        changed.await();
      }
      next = waiting.poll();
      if (next == null) {
        return null;
      }
      boolean full = waitingBytes >= WAITING_BYTES;
      waitingBytes -= next.readableBytes();
      room = full && waitingBytes < WAITING_BYTES;
    } finally {
      lock.unlock();
    }
    Runnable told = ready;
    if (room && told != null) {
      told.run();
    }
    return next;
  }

  @Override
  public void stdout(byte[] bytes, int offset, int length) {
    wanted.acquireUninterruptibly();
    if (!closed) {
      tunnel.onNext(Unpooled.copiedBuffer(bytes, offset, length));
    }
  }

  @Override
  public void stderr(byte[] bytes, int offset, int length) {
    String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
    LOG.log(System.Logger.Level.INFO, "{0}: {1}", name, text.stripTrailing());
    lock.lock();
    try {
      errors.append(text);
      errors.delete(0, Math.max(0, errors.length() - ERRORS_CHARACTERS));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(ByteBuf message) {
    lock.lock();
    try {
      if (ended) {
        message.release();
      } else {
        waiting.add(message);
        waitingBytes += message.readableBytes();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable cause) {
    onCompleted();
  }

  /** What waits is still written. */
  @Override
  public void onCompleted() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isReady() {
    lock.lock();
    try {
      return waitingBytes < WAITING_BYTES;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    ready = handler;
  }

  @Override
  public void request(int count) {
    wanted.release(count);
  }

  @Override
  public void setMessageCompression(boolean enable) {
    // Bytes of a pipe have no messages.
  }

  @Override
  public void disableAutoInboundFlowControl() {
    // There is none: each piece is asked for.
  }

  @Override
  public void disableAutoRequestWithInitial(int count) {
    request(count);
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    onCompleted();
  }
}
