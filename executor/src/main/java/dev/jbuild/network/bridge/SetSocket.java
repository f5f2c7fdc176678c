package dev.jbuild.network.bridge;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.Netlink;
import dev.jbuild.linux.netlink.SetBatch;
import dev.jbuild.linux.netlink.SetElement;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Changes elements of our table's sets without waiting for the network thread, which may be making
 * a namespace. Safe for use by several threads; whoever is in here waits for nobody else.
 */
final class SetSocket implements AutoCloseable {
  private final String table;
  private final Netlink netfilter;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Takes over the socket. */
  SetSocket(String table, Netlink netfilter) {
    this.table = table;
    this.netfilter = netfilter;
  }

  /** No change yet, for {@link #exchange}. */
  SetBatch batch() {
    return new SetBatch(table);
  }

  /** Makes all changes or none. */
  void exchange(SetBatch batch) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("bridge network is closed");
      }
      netfilter.exchange(batch.batch());
    } finally {
      lock.unlock();
    }
  }

  /** Takes elements away; those not there are passed over. */
  void delete(String set, List<SetElement> elements) throws IOException {
    try {
      exchange(batch().delete(set, elements));
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      if (elements.size() > 1) {
        for (var element : elements) {
          delete(set, List.of(element));
        }
      }
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      netfilter.close();
    } finally {
      lock.unlock();
    }
  }
}
