package dev.jbuild.daemon.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.Session;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The clients' sessions that are open. Safe for use by several threads. */
public final class SessionRegistry {
  /** A request and its session come side by side. */
  private static final long WAIT_SECONDS = 5;

  private static final int ENDED = 1000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Session> sessions = new HashMap<>();

  /** Ids of those that have ended last: nobody waits for them. */
  private final SequencedSet<String> ended = new LinkedHashSet<>();

  /** Ends a registration. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Offers a session under its id until the registration is closed.
   *
   * @throws BuildException INVALID when one of this id is there
   */
  public Registration register(Session session) {
    lock.lock();
    try {
      if (sessions.putIfAbsent(session.id(), session) != null) {
        throw new BuildException(
            Code.INVALID,
            "session '" + session.id() + "': another client has one of this id; use a new one");
      }
      ended.remove(session.id());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return () -> remove(session);
  }

  private void remove(Session session) {
    lock.lock();
    try {
      if (sessions.remove(session.id(), session)) {
        ended.add(session.id());
        if (ended.size() > ENDED) {
          ended.removeFirst();
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The session of that id, which may still be on its way; without an id one that explains what a
   * build without a session can not do.
   *
   * @param id some clients put a prefix and a colon before it
   */
  public Session find(String id) {
    String plain = id.substring(id.lastIndexOf(':') + 1);
    return plain.isEmpty() ? new AbsentSession("") : new LazySession(plain, this);
  }

  /**
   * The session of that id, waited for a while unless it has ended; else one that says that there
   * is none.
   */
  Session await(String id) {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      while (!sessions.containsKey(id) && !ended.contains(id) && left > 0) {
        left = changed.awaitNanos(left);
      }
      Session found = sessions.get(id);
      if (found != null) {
        return found;
      }
      return ended.contains(id) ? new EndedSession(id) : new AbsentSession(id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BuildException(Code.CANCELLED, "waiting for session '" + id + "' was cancelled", e);
    } finally {
      lock.unlock();
    }
  }
}
