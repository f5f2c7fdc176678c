package dev.jbuild.network.bridge;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The addresses of a subnet that steps have. Consecutive ones are given out, an address comes back
 * as late as possible: connections of the step before may still be remembered somewhere.
 */
final class AddressPool {
  private final Subnet subnet;
  private final int maxTaken;
  private final long waitMillis;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private final BitSet taken = new BitSet();
  private int next;
  private int leaving;

  /**
   * @param waitMillis how long to wait for an address that is about to come back
   */
  AddressPool(Subnet subnet, int maxOpen, long waitMillis) {
    this.subnet = subnet;
    this.maxTaken = Math.min(maxOpen, subnet.lastOffset() - subnet.firstOffset() + 1);
    this.waitMillis = waitMillis;
    this.next = subnet.firstOffset();
  }

  /**
   * Takes a free address.
   *
   * @return its offset in the subnet
   * @throws BuildException RESOURCE_EXHAUSTED when all are in use
   */
  int take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
      while (taken.cardinality() >= maxTaken) {
        if (leaving == 0 || nanos <= 0) {
          throw new BuildException(
              Code.RESOURCE_EXHAUSTED,
              "bridge network "
                  + subnet
                  + ": all "
                  + maxTaken
                  + " addresses are in use by running steps;"
                  + " run fewer steps at once or configure a larger subnet");
        }
        nanos = freed.awaitNanos(nanos);
      }
      int offset = taken.nextClearBit(next);
      if (offset > subnet.lastOffset()) {
        offset = taken.nextClearBit(subnet.firstOffset());
      }
      taken.set(offset);
      next = offset + 1;
      return offset;
    } finally {
      lock.unlock();
    }
  }

  /** The address will come back soon. */
  void leave() {
    lock.lock();
    try {
      leaving++;
    } finally {
      lock.unlock();
    }
  }

  /** The address that was announced by {@link #leave} is free. */
  void release(int offset) {
    lock.lock();
    try {
      leaving--;
      taken.clear(offset);
      freed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How many are taken. */
  int size() {
    lock.lock();
    try {
      return taken.cardinality();
    } finally {
      lock.unlock();
    }
  }
}
