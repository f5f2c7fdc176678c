package dev.jbuild.network.bridge;

import dev.jbuild.error.BuildException;
import dev.jbuild.linux.Descriptor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Namespaces made ahead, so that a step does not wait for one. Each is used once and then thrown
 * away: clean is what nobody has used. When none is ready one is made at once. Safe for use by
 * several threads.
 */
final class NamespacePool {
  private static final System.Logger LOG = System.getLogger(NamespacePool.class.getName());

  /** Makes a namespace that is ready to use. */
  interface Maker {
    Descriptor make(int offset) throws IOException;
  }

  /** Takes over an address whose namespace could not be made, or was closed. */
  interface Leaver {
    void add(int offset);
  }

  /**
   * A namespace for one step.
   *
   * @param offset of its addresses
   * @param network whoever took it closes it
   */
  record Ready(int offset, Descriptor network) {}

  /**
   * How much it holds and waits.
   *
   * @param size namespaces kept ready
   * @param waitMillis how long to wait for an address that is about to come back
   */
  record Bounds(int size, long waitMillis) {}

  private final Maker maker;
  private final AddressPool addresses;
  private final Leaver leaver;
  private final Executor background;
  private final Bounds bounds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Ready> ready = new ArrayDeque<>();
  private boolean filling;
  private boolean stopped;

  /**
   * @param background for the refill, one task at a time
   */
  NamespacePool(
      Maker maker, AddressPool addresses, Leaver leaver, Executor background, Bounds bounds) {
    this.maker = maker;
    this.addresses = addresses;
    this.leaver = leaver;
    this.background = background;
    this.bounds = bounds;
  }

  /**
   * A namespace that nobody has used.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when all addresses are in use
   */
  Ready take() throws IOException, InterruptedException {
    int offset = -1;
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(bounds.waitMillis());
      var first = ready.poll();
      while (first == null) {
        offset = addresses.take();
        if (offset >= 0) {
          break;
        }
        if ((!filling && !addresses.expectsSome()) || nanos <= 0) {
          throw addresses.exhausted();
        }
        nanos = changed.awaitNanos(nanos);
        first = ready.poll();
      }
      fill();
      if (first != null) {
        return first;
      }
    } finally {
      lock.unlock();
    }
    return make(offset);
  }

  private Ready make(int offset) throws IOException {
    Descriptor network = null;
    try {
      network = maker.make(offset);
      return new Ready(offset, network);
    } finally {
      if (network == null) {
        // A half-made port may still be on its way out.
        leaver.add(offset);
      }
    }
  }

  /** An address came back. */
  void freed() {
    lock.lock();
    try {
      changed.signalAll();
      fill();
    } finally {
      lock.unlock();
    }
  }

  /** Makes what is missing, in the background. */
  void fill() {
    lock.lock();
    try {
      if (!filling && !stopped && ready.size() < bounds.size()) {
        filling = true;
        background.execute(this::refill);
      }
    } finally {
      lock.unlock();
    }
  }

  private void refill() {
    try {
      int offset = missing();
      while (offset >= 0) {
        add(make(offset));
        offset = missing();
      }
    } catch (IOException | RuntimeException e) {
      giveUp(e);
    }
  }

  /** The address of the next one to make, or -1 when there is nothing to do or no address. */
  private int missing() {
    lock.lock();
    try {
      int offset = stopped || ready.size() >= bounds.size() ? -1 : addresses.take();
      if (offset < 0) {
        filling = false;
        changed.signalAll();
      }
      return offset;
    } finally {
      lock.unlock();
    }
  }

  private void add(Ready made) {
    lock.lock();
    try {
      if (!stopped) {
        ready.add(made);
        changed.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    made.network().close();
    leaver.add(made.offset());
  }

  /** The next {@link #take} tries again and says what is wrong. */
  private void giveUp(Exception why) {
    lock.lock();
    try {
      filling = false;
      changed.signalAll();
      if (stopped) {
        return;
      }
    } finally {
      lock.unlock();
    }
    LOG.log(System.Logger.Level.WARNING, "no namespaces are made ahead of their use", why);
  }

  /** How many are ready. */
  int size() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  /** Throws away what is ready; nothing is made ahead any more. */
  void stop() {
    var left = new ArrayList<Ready>();
    lock.lock();
    try {
      stopped = true;
      left.addAll(ready);
      ready.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(each -> each.network().close());
  }
}
