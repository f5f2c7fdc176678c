package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/** The content of one file of a {@link PacketWalk}, whose lock guards it. */
final class ArrivingFile implements ReadableByteChannel {
  private final PacketWalk walk;
  private final ReentrantLock lock;
  private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
  private boolean ended;
  private boolean closed;

  ArrivingFile(PacketWalk walk) {
    this.walk = walk;
    this.lock = walk.lock();
  }

  /** Keeps a piece; false when nobody reads it any more. The caller holds the lock. */
  boolean add(ByteString data) {
    if (!closed) {
      pieces.add(data.asReadOnlyByteBuffer());
    }
    return !closed;
  }

  /** Nothing more comes. The caller holds the lock. */
  void end() {
    ended = true;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    lock.lock();
    try {
      while (pieces.isEmpty() && !ended && !closed) {
        walk.awaitChange();
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
      long left = 0;
      for (ByteBuffer piece : pieces) {
        left += piece.remaining();
      }
      pieces.clear();
      walk.consumed(left);
    } finally {
      lock.unlock();
    }
  }
}
