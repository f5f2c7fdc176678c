package dev.jbuild.daemon.session;

import dev.jbuild.session.Session;
import java.util.concurrent.ConcurrentHashMap;

/** The clients' sessions that are open. Safe for use by several threads. */
public final class SessionRegistry {
  private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();

  /** Ends a registration. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Offers a session under its id until the registration is closed.
   *
   * @throws IllegalStateException when one of this id is there
   */
  public Registration register(Session session) {
    if (sessions.putIfAbsent(session.id(), session) != null) {
      throw new IllegalStateException("a session of id '" + session.id() + "' is registered");
    }
    return () -> sessions.remove(session.id(), session);
  }

  /** The session of that id, else one that explains what a build without a session can not do. */
  public Session find(String id) {
    Session session = sessions.get(id);
    return session == null ? new AbsentSession(id) : session;
  }
}
