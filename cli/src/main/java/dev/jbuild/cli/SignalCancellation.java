package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import sun.misc.Signal;

/**
 * Cancels at the first SIGINT or SIGTERM and ends the process at the second. The JDK's shutdown
 * hooks can not do that: they can not tell the second signal.
 */
final class SignalCancellation implements Cancellation {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> actions = new ArrayList<>();
  private boolean cancelled;

  void install() {
    for (String name : List.of("INT", "TERM", "HUP")) {
      Signal.handle(new Signal(name), signal -> signalled());
    }
  }

  void signalled() {
    List<Runnable> now;
    lock.lock();
    try {
      if (cancelled) {
        Runtime.getRuntime().halt(ExitCode.CANCELLED);
      }
      cancelled = true;
      now = List.copyOf(actions);
    } finally {
      lock.unlock();
    }
    if (now.isEmpty()) {
      Runtime.getRuntime().halt(ExitCode.CANCELLED);
    }
    now.forEach(Runnable::run);
  }

  @Override
  public Registration onCancel(Runnable action) {
    lock.lock();
    try {
      if (!cancelled) {
        actions.add(action);
        return () -> remove(action);
      }
    } finally {
      lock.unlock();
    }
    action.run();
    return () -> {};
  }

  private void remove(Runnable action) {
    lock.lock();
    try {
      actions.remove(action);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean cancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }
}
