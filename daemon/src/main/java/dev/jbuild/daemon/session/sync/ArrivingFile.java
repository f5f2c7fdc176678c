package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The content of one file of a {@link PacketWalk}, whose lock guards it. */
final class ArrivingFile implements ReadableByteChannel {
  /** Who reads is woken for this much, or the end: small files in one go. */
  private static final int ENOUGH_BYTES = 32 << 10;

  private final PacketWalk walk;
  private final ReentrantLock lock;
  private final Condition arrived;
  private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
  private int held;
  private boolean ended;
  private boolean closed;

  ArrivingFile(PacketWalk walk) {
    this.walk = walk;
    this.lock = walk.lock();
    this.arrived = lock.newCondition();
  }

  /** Keeps a piece; false when nobody reads it any more. The caller holds the lock. */
  boolean add(ByteString data) {
    if (!closed) {
      pieces.add(data.asReadOnlyByteBuffer());
      held += data.size();
      if (hasEnough()) {
        wake();
      }
    }
    return !closed;
  }

  private boolean hasEnough() {
    return ended || closed || held >= ENOUGH_BYTES || (held > 0 && walk.standsStill());
  }

  /** Who reads looks again. The caller holds the lock. */
  void wake() {
    arrived.signalAll();
  }

  /** Nothing more comes. The caller holds the lock. */
  void end() {
    ended = true;
    wake();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    lock.lock();
    try {
      while (!hasEnough()) {
        walk.checkOpen();
        arrived.await();
      }
      if (closed) {
        throw new ClosedChannelException();
      }
      int total = 0;
      while (into.hasRemaining() && !pieces.isEmpty()) {
        ByteBuffer piece = pieces.element();
        int count = Math.min(into.remaining(), piece.remaining());
        into.put(piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        total += count;
        if (!piece.hasRemaining()) {
          pieces.remove();
        }
      }
      held -= total;
      walk.consumed(total);
      return total == 0 ? -1 : total;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      lock.unlock();
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

  /** What comes of it later is dropped. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      wake();
      pieces.clear();
      walk.consumed(held);
      held = 0;
    } finally {
      lock.unlock();
    }
  }
}
