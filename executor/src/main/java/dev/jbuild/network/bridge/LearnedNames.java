package dev.jbuild.network.bridge;

import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.ElementKey;
import dev.jbuild.linux.netlink.SetElement;
import dev.jbuild.netplan.EgressRule.Name;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sets of a chain's name rules: filled with the addresses of names that steps asked for, each
 * for a time. Connections that are open go on after it. Safe for use by several threads.
 */
final class LearnedNames {
  private static final System.Logger LOG = System.getLogger(LearnedNames.class.getName());
  private static final int MAX_LEARNT = 20_000;
  private static final int MAX_AT_ONCE = 64;

  private final EgressChain chain;
  private final SetSocket sets;
  private final Lifetime lifetime;
  private final ReentrantLock lock = new ReentrantLock();

  /** By {@link System#nanoTime}. */
  private final Map<Entry, Long> ends = new HashMap<>();

  private boolean closed;

  /**
   * How long an address may be used.
   *
   * @param leastMillis also where the answer's own time is shorter
   * @param slackMillis beyond it, so that an answer given again changes nothing
   */
  record Lifetime(long leastMillis, long slackMillis) {
    static final Lifetime USUAL = new Lifetime(60_000, 60_000);
    private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(7);

    long needed(int ttlSeconds) {
      return Math.clamp(TimeUnit.SECONDS.toMillis(ttlSeconds), leastMillis, MOST_MILLIS);
    }
  }

  private record Entry(String set, InetAddress address) {}

  LearnedNames(EgressChain chain, SetSocket sets, Lifetime lifetime) {
    this.chain = chain;
    this.sets = sets;
    this.lifetime = lifetime;
  }

  /** Takes in an answer; the rules know it when this returns. */
  void learn(String name, List<InetAddress> addresses, int ttlSeconds) {
    var entries = entries(name, addresses);
    if (entries.isEmpty()) {
      return;
    }
    long needed = TimeUnit.MILLISECONDS.toNanos(lifetime.needed(ttlSeconds));
    lock.lock();
    try {
      long now = System.nanoTime();
      entries.removeIf(entry -> ends.getOrDefault(entry, now) - now >= needed);
      if (!closed && !entries.isEmpty()) {
        set(List.copyOf(entries), now, needed);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "addresses of " + name + " are not let through", e);
    } finally {
      lock.unlock();
    }
  }

  private Set<Entry> entries(String name, List<InetAddress> addresses) {
    var entries = new LinkedHashSet<Entry>();
    var rules = chain.rules().rules();
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).target() instanceof Name target && target.matches(name)) {
        for (var address : addresses) {
          String set = address instanceof Inet4Address ? chain.set4(i) : chain.set6(i);
          entries.add(new Entry(set, address));
        }
      }
    }
    return entries;
  }

  private void set(List<Entry> entries, long now, long needed) throws IOException {
    if (ends.size() + entries.size() > MAX_LEARNT) {
      ends.values().removeIf(end -> end - now <= 0);
    }
    if (ends.size() + entries.size() > MAX_LEARNT) {
      throw new IOException("egress rules: more than " + MAX_LEARNT + " addresses of names");
    }
    long whole = needed + TimeUnit.MILLISECONDS.toNanos(lifetime.slackMillis());
    for (int from = 0; from < entries.size(); from += MAX_AT_ONCE) {
      var some = entries.subList(from, Math.min(entries.size(), from + MAX_AT_ONCE));
      try {
        exchange(some, now, whole);
      } catch (ErrnoException e) {
        // One of them ended in the kernel just before it was to be replaced.
        for (var entry : some) {
          ends.remove(entry);
          sets.delete(entry.set(), List.of(element(entry)));
          exchange(List.of(entry), now, whole);
        }
      }
      some.forEach(entry -> ends.put(entry, now + whole));
    }
  }

  /** An element's time cannot be changed before Linux 6.12, so it is replaced. */
  private void exchange(List<Entry> entries, long now, long whole) throws IOException {
    var batch = sets.batch();
    for (var entry : entries) {
      var element = element(entry);
      if (ends.getOrDefault(entry, now) - now > 0) {
        batch.delete(entry.set(), List.of(element));
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(whole);
      batch.add(entry.set(), List.of(element.forMillis(millis)));
    }
    sets.exchange(batch);
  }

  private static SetElement element(Entry entry) {
    return SetElement.of(ElementKey.empty().address(entry.address()));
  }

  /** Puts all that is still valid into new sets. */
  void restore() throws IOException {
    lock.lock();
    try {
      long now = System.nanoTime();
      for (var learnt : Map.copyOf(ends).entrySet()) {
        long left = learnt.getValue() - now;
        ends.remove(learnt.getKey());
        if (left > 0) {
          exchange(List.of(learnt.getKey()), now, left);
          ends.put(learnt.getKey(), learnt.getValue());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is taken in any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
