package dev.jbuild.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import sun.misc.Signal;

/**
 * Cancels at the first SIGINT or SIGTERM and ends the process at the second, which the JDK's
 * shutdown hooks can not tell apart. Before anything asks to be told, signals end the process.
 */
final class SignalCancellation implements Cancellation {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> actions = new ArrayList<>();
  private boolean cancelled;
  private boolean installed;

  private void install() {
    installed = true;
    for (String name : List.of("INT", "TERM", "HUP")) {
      Signal.handle(new Signal(name), signal -> signalled());
    }
  }

  private void signalled() {
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
        if (!installed) {
          install();
        }
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
