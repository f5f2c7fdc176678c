package dev.jbuild.network.bridge;

import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.NetworkThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ports whose namespace was closed: the kernel takes them away by itself, some milliseconds later.
 * Their addresses go back to the pool only then. A port that stays, because a process holds its
 * namespace open, is deleted.
 */
final class LeavingPorts {
  private static final System.Logger LOG = System.getLogger(LeavingPorts.class.getName());
  private static final long FIRST_LOOK_MILLIS = 10;
  private static final long LAST_LOOK_MILLIS = 160;

  private final NetworkThread thread;
  private final HostBridge bridge;
  private final AddressPool pool;
  private final Farewell farewell;
  private final Executor background;
  private final long patienceMillis;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Takes back what belonged to namespaces, before their addresses are others'. */
  interface Farewell {
    void gone(List<Integer> offsets) throws IOException;
  }

  /** Offsets with the time when they left, in nanoseconds. */
  private final Map<Integer, Long> leaving = new HashMap<>();

  private boolean watched;
  private boolean stopped;

  /**
   * @param patienceMillis how long a port may outlive its step
   */
  LeavingPorts(
      NetworkThread thread,
      HostBridge bridge,
      AddressPool pool,
      Farewell farewell,
      Executor background,
      long patienceMillis) {
    this.thread = thread;
    this.bridge = bridge;
    this.pool = pool;
    this.farewell = farewell;
    this.background = background;
    this.patienceMillis = patienceMillis;
  }

  /** Takes over an address whose namespace was just closed. */
  void add(int offset) {
    pool.leave();
    lock.lock();
    try {
      leaving.put(offset, System.nanoTime());
      if (!watched && !stopped) {
        watched = true;
        background.execute(this::watch);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Watches no longer; whoever calls this removes all ports. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void watch() {
    long waitMillis = FIRST_LOOK_MILLIS;
    try {
      while (waits(waitMillis)) {
        boolean progress = look();
        waitMillis = progress ? FIRST_LOOK_MILLIS : Math.min(waitMillis * 2, LAST_LOOK_MILLIS);
      }
    } catch (IOException | RuntimeException e) {
      if (giveUp()) {
        LOG.log(System.Logger.Level.WARNING, "addresses of ended steps are not checked", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next {@link #add} starts again; false when the end was wanted. */
  private boolean giveUp() {
    lock.lock();
    try {
      watched = false;
      return !stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Waits a moment; false when there is nothing to watch any more. */
  private boolean waits(long millis) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (nanos > 0 && !stopped && !leaving.isEmpty()) {
        nanos = changed.awaitNanos(nanos);
      }
      watched = !stopped && !leaving.isEmpty();
      return watched;
    } finally {
      lock.unlock();
    }
  }

  /** True when an address came back. */
  private boolean look() throws IOException {
    Map<Integer, Long> looked;
    lock.lock();
    try {
      looked = Map.copyOf(leaving);
    } finally {
      lock.unlock();
    }
    var gone = thread.run(scope -> gone(scope, looked));
    if (!gone.isEmpty()) {
      farewell.gone(gone);
    }
    lock.lock();
    try {
      gone.forEach(leaving::remove);
    } finally {
      lock.unlock();
    }
    gone.forEach(pool::release);
    return !gone.isEmpty();
  }

  private List<Integer> gone(NetworkScope scope, Map<Integer, Long> looked) throws IOException {
    var byName = new HashMap<String, Link>();
    for (var link : BridgeSetup.links(scope)) {
      byName.put(link.name(), link);
    }
    var gone = new ArrayList<Integer>();
    for (var entry : looked.entrySet()) {
      var link = byName.get(bridge.portName(entry.getKey()));
      if (link == null) {
        gone.add(entry.getKey());
      } else if (System.nanoTime() - entry.getValue()
          > TimeUnit.MILLISECONDS.toNanos(patienceMillis)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "port {0} is held by a process that outlived its step; it is cut off",
            link.name());
        scope.links().exchange(scope.batch().deleteLink(link).batch());
      }
    }
    return gone;
  }
}
