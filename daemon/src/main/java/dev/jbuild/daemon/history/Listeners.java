package dev.jbuild.daemon.history;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Those who hear what happens in the history. Its lock guards the list. */
final class Listeners {
  private static final int LISTENERS = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Subscription> all = new ArrayList<>();

  /**
   * Adds one; the caller closes it.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when too many listen
   */
  Subscription subscribe() {
    lock.lock();
    try {
      if (all.size() >= LISTENERS) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED, LISTENERS + " clients listen to the build history already");
      }
      var subscription = new Subscription(this::end);
      all.add(subscription);
      return subscription;
    } finally {
      lock.unlock();
    }
  }

  private void end(Subscription subscription) {
    lock.lock();
    try {
      all.remove(subscription);
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return all.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  void publish(HistoryEvent event) {
    lock.lock();
    try {
      all.forEach(listener -> listener.offer(event));
    } finally {
      lock.unlock();
    }
  }
}
