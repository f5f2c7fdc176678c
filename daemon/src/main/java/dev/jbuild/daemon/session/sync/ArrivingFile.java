package dev.jbuild.daemon.session.sync;

import io.netty.buffer.ByteBuf;
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
  private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();

  /** By who reads, who has them alone while it does. */
  private final ArrayDeque<ByteBuf> taken = new ArrayDeque<>();

  private boolean reading;
  private int held;
  private boolean ended;
  private boolean closed;

  ArrivingFile(PacketWalk walk) {
    this.walk = walk;
    this.lock = walk.lock();
    this.arrived = lock.newCondition();
  }

  /** Keeps a piece; false, and released, when nobody reads it. The caller holds the lock. */
  boolean add(ByteBuf data) {
    if (closed) {
      data.release();
      return false;
    }
    pieces.add(data);
    held += data.readableBytes();
    if (hasEnough()) {
      wake();
    }
    return true;
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
    begin();
    int total = 0;
    try {
      while (into.hasRemaining() && !taken.isEmpty()) {
        ByteBuf piece = taken.element();
        int count = Math.min(into.remaining(), piece.readableBytes());
        piece.readBytes(into.slice(into.position(), count));
        into.position(into.position() + count);
        total += count;
        if (!piece.isReadable()) {
          taken.remove().release();
        }
      }
    } finally {
      end(total);
    }
    return total == 0 ? -1 : total;
  }

  /** Waits for pieces, and takes them: they are read without the lock. */
  private void begin() throws IOException {
    lock.lock();
    try {
      while (taken.isEmpty() && !hasEnough()) {
        walk.checkOpen();
        arrived.await();
      }
      if (closed) {
        throw new ClosedChannelException();
      }
      if (taken.isEmpty()) {
        taken.addAll(pieces);
        pieces.clear();
      }
      reading = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      lock.unlock();
    }
  }

  private void end(int bytes) {
    lock.lock();
    try {
      reading = false;
      if (closed) {
        release(taken);
      } else {
        held -= bytes;
        walk.consumed(bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void release(ArrayDeque<ByteBuf> pieces) {
    pieces.forEach(ByteBuf::release);
    pieces.clear();
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
      release(pieces);
      if (!reading) {
        release(taken);
      }
      walk.consumed(held);
      held = 0;
    } finally {
      lock.unlock();
    }
  }
}
