package dev.jbuild.network.bridge;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.BitSet;

/**
 * The addresses of a subnet that namespaces have. Consecutive ones are given out, an address comes
 * back as late as possible: connections of the step before may still be remembered somewhere. Waits
 * for nothing. Safe for use by several threads.
 */
final class AddressPool {
  private final Subnet subnet;
  private final int capacity;
  private final Object lock = new Object();
  private final BitSet taken = new BitSet();
  private int next;
  private int leaving;
  private volatile Runnable freed = () -> {};

  AddressPool(Subnet subnet, int maxOpen) {
    this.subnet = subnet;
    this.capacity = Math.min(maxOpen, subnet.lastOffset() - subnet.firstOffset() + 1);
    this.next = subnet.firstOffset();
  }

  /**
   * Takes a free address.
   *
   * @return its offset in the subnet, or -1 when all are taken
   */
  int take() {
    synchronized (lock) {
      if (taken.cardinality() >= capacity) {
        return -1;
      }
      int offset = taken.nextClearBit(next);
      if (offset > subnet.lastOffset()) {
        offset = taken.nextClearBit(subnet.firstOffset());
      }
      taken.set(offset);
      next = offset + 1;
      return offset;
    }
  }

  /** For whoever got none. */
  BuildException exhausted() {
    return new BuildException(
        Code.RESOURCE_EXHAUSTED,
        "bridge network "
            + subnet
            + ": all "
            + capacity
            + " addresses are in use by running steps;"
            + " run fewer steps at once or configure a larger subnet");
  }

  /** The address will come back soon. */
  void leave() {
    synchronized (lock) {
      leaving++;
    }
  }

  /** The address that was announced by {@link #leave} is free. */
  void release(int offset) {
    synchronized (lock) {
      leaving--;
      taken.clear(offset);
    }
    freed.run();
  }

  /** Tells whoever waits for an address when one came back. */
  void whenFreed(Runnable told) {
    freed = told;
  }

  /** Whether some were announced that are not free yet. */
  boolean expectsSome() {
    synchronized (lock) {
      return leaving > 0;
    }
  }

  /** Offsets of those that are taken, leaving ones included, in order. */
  int[] taken() {
    synchronized (lock) {
      return taken.stream().toArray();
    }
  }
}
