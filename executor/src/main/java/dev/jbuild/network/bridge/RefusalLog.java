package dev.jbuild.network.bridge;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.Netlink;
import dev.jbuild.linux.netlink.PacketLog;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the rules of the bridge network refused, by the address of the step. Packets are logged
 * before they are rejected, so whatever a step has noticed is in the kernel's queue for us; who
 * asks sets a mark behind it and waits until the reader has passed that. Safe for use by several
 * threads.
 */
final class RefusalLog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RefusalLog.class.getName());
  private static final String PREFIX = "jb ";
  private static final int COPIED_BYTES = 128;
  private static final int MAX_STEPS = 4096;
  private static final int MAX_ENTRIES = 200;
  private static final long MARK_WAIT_MILLIS = 1000;

  private final PacketLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition passed = lock.newCondition();
  private final Map<InetAddress, Map<Attempt, Integer>> journal = new LinkedHashMap<>();
  private int lastMark;
  private boolean reading;
  private boolean closed;

  /**
   * Equal attempts are counted.
   *
   * @param why what the rule's prefix says behind {@code jb }: {@code host}, {@code e3.0}
   */
  record Attempt(Protocol protocol, InetAddress address, int port, String why) {}

  /** An attempt and how often it was made. */
  record Counted(Attempt attempt, int count) {}

  /** Takes over the log. */
  RefusalLog(PacketLog log) {
    this.log = log;
  }

  /** Binds the group and starts the reader. */
  void start() throws IOException {
    log.bind(COPIED_BYTES);
    reading = true;
    Thread.ofPlatform().daemon().name("jbuild-refusals").start(this::readAll);
  }

  private void readAll() {
    var buffer = Netlink.replyBuffer();
    try {
      while (goesOn()) {
        try {
          take(log.receive(buffer));
        } catch (ErrnoException e) {
          if (e.errno() != Errno.EAGAIN && e.errno() != Errno.ENOBUFS) {
            throw e;
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "refusals of steps are no longer recorded", e);
    } finally {
      stopped();
      log.close();
    }
  }

  private boolean goesOn() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void stopped() {
    lock.lock();
    try {
      reading = false;
      passed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Writes down what came. */
  void take(List<PacketLog.Event> events) {
    lock.lock();
    try {
      for (var event : events) {
        switch (event) {
          case PacketLog.Logged logged -> take(logged);
          case PacketLog.Marked marked -> {
            lastMark = Math.max(lastMark, marked.mark());
            passed.signalAll();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void take(PacketLog.Logged logged) {
    var packet = LoggedPacket.read(logged.packet());
    if (packet == null || !logged.prefix().startsWith(PREFIX)) {
      return;
    }
    var attempts = journal.get(packet.source());
    if (attempts == null) {
      if (journal.size() >= MAX_STEPS) {
        journal.remove(journal.keySet().iterator().next());
      }
      attempts = new LinkedHashMap<>();
      journal.put(packet.source(), attempts);
    }
    String why = logged.prefix().substring(PREFIX.length());
    var attempt = new Attempt(packet.protocol(), packet.destination(), packet.port(), why);
    if (attempts.size() < MAX_ENTRIES || attempts.containsKey(attempt)) {
      attempts.merge(attempt, 1, Integer::sum);
    }
  }

  /** All that was refused to these addresses until now, the first attempt first. */
  List<Counted> of(List<InetAddress> addresses) throws IOException {
    lock.lock();
    try {
      if (reading && !closed) {
        await(log.mark());
      }
      var found = new ArrayList<Counted>();
      for (var address : addresses) {
        journal
            .getOrDefault(address, Map.of())
            .forEach((attempt, count) -> found.add(new Counted(attempt, count)));
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /** An interrupt ends the wait alone: what is there by then is given. */
  private void await(int mark) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(MARK_WAIT_MILLIS);
    try {
      while (lastMark < mark && reading && nanos > 0) {
        nanos = passed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Forgets a step's addresses, which another may have next. */
  void forget(List<InetAddress> addresses) {
    lock.lock();
    try {
      addresses.forEach(journal::remove);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the reader, which closes the log. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        if (reading) {
          // Wakes the reader.
          log.mark();
        } else {
          log.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
