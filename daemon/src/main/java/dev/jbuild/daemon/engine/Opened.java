package dev.jbuild.daemon.engine;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was opened, closed in the opposite order; one that fails to close does not keep the others.
 */
final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> all = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T each) {
    all.push(each);
    return each;
  }

  @Override
  public void close() {
    while (!all.isEmpty()) {
      try {
        all.pop().close();
      } catch (Exception e) {
        System.getLogger(Opened.class.getName())
            .log(Level.WARNING, "a part of the worker did not close", e);
      }
    }
  }

  /** After a failure to open, which stays the one that is told. */
  void closeAfter(Exception failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
