package dev.jbuild.daemon.transport;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.channel.ChannelHandler;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Who is connected at one address, within bounds. Safe for use by several threads. */
public final class Connections {
  private final ConnectionBounds bounds;
  private final SparingLog log =
      new SparingLog(System.getLogger(Connections.class.getName()), System::nanoTime);
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<ConnectionGuard> all = new HashSet<>();

  /** Those that have made no call yet, the oldest first. */
  private final SequencedSet<ConnectionGuard> strangers = new LinkedHashSet<>();

  /** Those that have made calls and have none open, the one with the longest pause first. */
  private final SequencedSet<ConnectionGuard> resting = new LinkedHashSet<>();

  public Connections(ConnectionBounds bounds) {
    this.bounds = bounds;
  }

  ConnectionBounds bounds() {
    return bounds;
  }

  /** Stands before HTTP/2's handler, behind that of TLS. */
  ChannelHandler guard(GrpcHttp2ConnectionHandler http2) {
    return new ConnectionGuard(this, http2);
  }

  /** Warns of what a client does; of many such lines only a few are written. */
  void warn(String text) {
    log.log(Level.WARNING, text);
  }

  /** Takes one more, in place of another when there are too many; false when it has to go. */
  boolean enter(ConnectionGuard guard) {
    ConnectionGuard leaving = null;
    lock.lock();
    try {
      if (all.size() >= bounds.connections()) {
        leaving = dispensable();
        if (leaving == null) {
          return false;
        }
      }
      all.add(guard);
      strangers.add(guard);
    } finally {
      lock.unlock();
      if (leaving != null) {
        leaving.makeRoom();
      }
    }
    return true;
  }

  private @Nullable ConnectionGuard dispensable() {
    SequencedSet<ConnectionGuard> from = strangers.isEmpty() ? resting : strangers;
    if (from.isEmpty()) {
      return null;
    }
    ConnectionGuard first = from.removeFirst();
    all.remove(first);
    return first;
  }

  /** It has calls now. */
  void calls(ConnectionGuard guard) {
    lock.lock();
    try {
      strangers.remove(guard);
      resting.remove(guard);
    } finally {
      lock.unlock();
    }
  }

  /** Its last call has ended. */
  void rests(ConnectionGuard guard) {
    lock.lock();
    try {
      if (all.contains(guard)) {
        resting.add(guard);
      }
    } finally {
      lock.unlock();
    }
  }

  /** It is closed. */
  void leave(ConnectionGuard guard) {
    lock.lock();
    try {
      all.remove(guard);
      strangers.remove(guard);
      resting.remove(guard);
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  int count() {
    lock.lock();
    try {
      return all.size();
    } finally {
      lock.unlock();
    }
  }
}
