package dev.jbuild.agent.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** What is written are requests; their answers are read. One may read while another writes. */
final class KeyChannel implements ByteChannel {
  private static final int HEAD_BYTES = 4;
  private static final int MAX_MESSAGE_BYTES = 256 * 1024;
  private static final int MAX_WAITING_BYTES = 1 << 20;

  private final KeyAgent agent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ByteArrayOutputStream request = new ByteArrayOutputStream(); // guarded by lock
  private int wantedBytes = HEAD_BYTES; // in request, before something happens; guarded by lock
  private final Deque<ByteBuffer> answers = new ArrayDeque<>(); // guarded by lock
  private int waitingBytes; // of answers; guarded by lock
  private boolean closed; // guarded by lock

  KeyChannel(KeyAgent agent) {
    this.agent = agent;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      int length = source.remaining();
      while (source.hasRemaining()) {
        // Who does not read his answers may not ask on.
        await(() -> closed || waitingBytes <= MAX_WAITING_BYTES);
        if (closed) {
          throw new ClosedChannelException();
        }
        take(source);
      }
      return length;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what is missing of a request's head, or of the request, and answers what is whole. */
  private void take(ByteBuffer source) throws IOException {
    byte[] bytes = new byte[Math.min(wantedBytes - request.size(), source.remaining())];
    source.get(bytes);
    request.writeBytes(bytes);
    if (request.size() < wantedBytes) {
      return;
    }
    var reader = new SshReader(request.toByteArray());
    int length = reader.number();
    if (length < 1 || length > MAX_MESSAGE_BYTES) {
      throw new IOException("ssh agent: a request of " + length + " bytes");
    }
    if (wantedBytes == HEAD_BYTES) {
      wantedBytes += length;
      return;
    }
    byte[] answer = new SshWriter().string(agent.answer(reader.take(length))).bytes();
    request.reset();
    wantedBytes = HEAD_BYTES;
    answers.add(ByteBuffer.wrap(answer));
    waitingBytes += answer.length;
    changed.signalAll();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      await(() -> closed || !answers.isEmpty());
      if (closed) {
        return -1;
      }
      ByteBuffer first = answers.element();
      int length = Math.min(target.remaining(), first.remaining());
      target.put(first.slice(first.position(), length));
      first.position(first.position() + length);
      if (!first.hasRemaining()) {
        answers.remove();
      }
      waitingBytes -= length;
      changed.signalAll();
      return length;
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held. */
  private void await(BooleanSupplier condition) throws IOException {
    try {
      while (!condition.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted at the ssh agent");
    }
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
