package dev.jbuild.solver.eval;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Works through the nodes of a directed acyclic graph, each after those it needs, as parallel as
 * the graph allows. A chain runs on one thread without growing its stack; a thread is only added
 * where the graph forks. The first failure interrupts the rest. Used once.
 */
final class GraphRun<N> {
  private final ThreadFactory threads;
  private final Duration cancelWait;
  private final Work<N> work;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<N, Integer> missing = new HashMap<>();
  private final Map<N, List<N>> users = new HashMap<>();
  private final Set<Thread> workers = new HashSet<>();
  private boolean stopping;
  private @Nullable Throwable failure;

  /** What is done with a node; interruption means cancel. */
  interface Work<N> {
    void run(N node) throws InterruptedException;
  }

  /**
   * @param cancelWait how long to wait for interrupted work to end
   */
  GraphRun(ThreadFactory threads, Duration cancelWait, Work<N> work) {
    this.threads = threads;
    this.cancelWait = cancelWait;
    this.work = work;
  }

  /**
   * Runs all nodes. When it returns or throws, no work is running, unless work did not heed its
   * interruption for the whole of the time allowed.
   *
   * @param needs for every node, those that come before it; all of them are keys themselves
   * @throws RuntimeException the first failure, as it was thrown
   */
  void run(Map<N, ? extends Set<N>> needs) throws InterruptedException {
    lock.lock();
    try {
      var ready = new ArrayList<N>();
      needs.forEach((node, before) -> enter(node, before, ready));
      ready.forEach(this::spawn);
      await();
    } finally {
      lock.unlock();
    }
    if (failure instanceof InterruptedException) {
      throw new InterruptedException();
    }
    if (failure != null) {
      throw Thrown.unchecked(failure);
    }
  }

  private void enter(N node, Set<N> before, List<N> ready) {
    missing.put(node, before.size());
    for (N needed : before) {
      users.computeIfAbsent(needed, none -> new ArrayList<>()).add(node);
    }
    if (before.isEmpty()) {
      ready.add(node);
    }
  }

  private void await() throws InterruptedException {
    try {
      while (!workers.isEmpty() && !stopping) {
        changed.await();
      }
      awaitStopped();
    } catch (InterruptedException e) {
      stop(e);
      awaitStopped();
      throw e;
    }
  }

  /** Waits for interrupted workers, however often the waiting thread is interrupted itself. */
  private void awaitStopped() {
    boolean interrupted = false;
    long deadline = System.nanoTime() + cancelWait.toNanos();
    while (!workers.isEmpty()) {
      try {
        if (!changed.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
            && deadline - System.nanoTime() <= 0) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void spawn(N node) {
    Thread worker = threads.newThread(() -> workFrom(node));
    workers.add(worker);
    worker.start();
  }

  private void workFrom(N first) {
    @Nullable N node = first;
    try {
      while (node != null) {
        work.run(node);
        node = next(node);
      }
    } catch (Throwable t) {
      locked(() -> stop(t));
    } finally {
      locked(this::leave);
    }
  }

  /** One of the nodes that became ready; the others get threads of their own. */
  private @Nullable N next(N done) {
    lock.lock();
    try {
      @Nullable N mine = null;
      for (N user : stopping ? List.<N>of() : users.getOrDefault(done, List.of())) {
        int left = missing.merge(user, -1, Integer::sum);
        if (left == 0 && mine == null) {
          mine = user;
        } else if (left == 0) {
          spawn(user);
        }
      }
      return mine;
    } finally {
      lock.unlock();
    }
  }

  private void stop(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    stopping = true;
    workers.forEach(Thread::interrupt);
    changed.signalAll();
  }

  private void leave() {
    workers.remove(Thread.currentThread());
    changed.signalAll();
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }
}
