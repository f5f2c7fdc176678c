package dev.jbuild.agent.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** What is written are requests; their answers are read. One may read while another writes. */
final class KeyChannel implements ByteChannel {
  private static final int MAX_MESSAGE_BYTES = 256 * 1024;
  private static final int MAX_WAITING_BYTES = 1 << 20;

  private final KeyAgent agent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ByteArrayOutputStream request = new ByteArrayOutputStream(); // guarded by lock
  private ByteBuffer answers = ByteBuffer.allocate(0); // guarded by lock
  private boolean closed; // guarded by lock

  KeyChannel(KeyAgent agent) {
    this.agent = agent;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      // Who does not read his answers may not ask on.
      await(() -> closed || answers.remaining() <= MAX_WAITING_BYTES);
      if (closed) {
        throw new ClosedChannelException();
      }
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      request.writeBytes(bytes);
      while (answerNext()) {
        changed.signalAll();
      }
      return bytes.length;
    } finally {
      lock.unlock();
    }
  }

  private boolean answerNext() throws IOException {
    byte[] all = request.toByteArray();
    if (all.length < 4) {
      return false;
    }
    var reader = new SshReader(all);
    int length = reader.number();
    if (length < 1 || length > MAX_MESSAGE_BYTES) {
      throw new IOException("ssh agent: a request of " + length + " bytes");
    }
    if (all.length < 4 + length) {
      return false;
    }
    byte[] answer = new SshWriter().string(agent.answer(reader.take(length))).bytes();
    request.reset();
    request.write(all, 4 + length, all.length - 4 - length);
    var joined = ByteBuffer.allocate(answers.remaining() + answer.length);
    answers = joined.put(answers).put(answer).flip();
    return true;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      await(() -> closed || answers.hasRemaining());
      if (closed) {
        return -1;
      }
      int length = Math.min(target.remaining(), answers.remaining());
      target.put(answers.slice(answers.position(), length));
      answers.position(answers.position() + length);
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
