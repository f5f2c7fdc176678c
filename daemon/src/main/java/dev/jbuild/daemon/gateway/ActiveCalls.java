package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls of one conversation that run now, each in its own thread. Its lock guards the set. */
final class ActiveCalls {
  /** So many at once. */
  static final int CALLS = 1_000;

  private final String build;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<Thread> threads = new HashSet<>();
  private boolean ended;

  ActiveCalls(String build) {
    this.build = build;
  }

  /** A call that runs, until it is closed by its thread. */
  final class Active implements AutoCloseable {
    private final Thread thread;

    private Active(Thread thread) {
      this.thread = thread;
    }

    /** What the call needs, once it is there. */
    <T> T await(CompletableFuture<T> needed) throws InterruptedException {
      try {
        return needed.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }

    @Override
    public void close() {
      leave(thread);
    }
  }

  /**
   * Begins a call in this thread, which is interrupted when the calls shall end.
   *
   * @throws BuildException NOT_FOUND after the end, RESOURCE_EXHAUSTED when too many run
   */
  Active begin() {
    lock.lock();
    try {
      if (ended) {
        throw new BuildException(Code.NOT_FOUND, "build '" + build + "' has ended");
      }
      if (threads.size() >= CALLS) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED,
            "build '" + build + "' has " + CALLS + " calls of its client that run");
      }
      Thread thread = Thread.currentThread();
      threads.add(thread);
      return new Active(thread);
    } finally {
      lock.unlock();
    }
  }

  private void leave(Thread thread) {
    lock.lock();
    try {
      threads.remove(thread);
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts all calls and waits until none runs; none begins afterwards. */
  void end() {
    lock.lock();
    try {
      ended = true;
      threads.forEach(Thread::interrupt);
      while (!threads.isEmpty()) {
        left.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
