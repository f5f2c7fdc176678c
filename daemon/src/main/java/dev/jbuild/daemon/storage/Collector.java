package dev.jbuild.daemon.storage;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells what the state directory holds, and collects it. What a running build uses stays, as does
 * what something that stays stands on. A cache that has lost something finds that it is not there
 * and makes it again. Its lock keeps collections apart. Safe for use by several threads.
 */
public final class Collector implements StateContents {
  private static final System.Logger LOG = System.getLogger(Collector.class.getName());
  private static final Comparator<Candidate> OLDEST =
      Comparator.comparing((Candidate candidate) -> candidate.record.latest())
          .thenComparingLong(candidate -> candidate.record.uses())
          .thenComparing(candidate -> candidate.record.id());

  private final Path root;
  private final List<Holding> holdings;
  private final UseLog uses;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param root state directory, for the room on its disk
   */
  Collector(Path root, List<Holding> holdings, UseLog uses, InstantSource clock) {
    this.root = root;
    this.holdings = List.copyOf(holdings);
    this.uses = uses;
    this.clock = clock;
  }

  /** A record and who removes it. */
  private static final class Candidate {
    private final UsageRecord record;
    private final Holding holding;
    private int children;

    Candidate(UsageRecord record, Holding holding) {
      this.record = record;
      this.holding = holding;
    }
  }

  @Override
  public List<UsageRecord> usage(List<String> filters, Duration age)
      throws IOException, InterruptedException {
    RecordFilter filter = RecordFilter.parse(filters);
    Instant before = clock.instant().minus(age);
    lock.lockInterruptibly();
    try (UseLog.Scan scan = uses.scan()) {
      return candidates(scan).stream()
          .map(candidate -> candidate.record)
          .filter(record -> filter.matches(record::field))
          .filter(record -> age.isZero() || record.latest().isBefore(before))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private List<Candidate> candidates(UseLog.Scan scan) throws IOException {
    var all = new ArrayList<Candidate>();
    for (Holding holding : holdings) {
      for (UsageRecord record : holding.records(scan)) {
        all.add(new Candidate(record, holding));
      }
    }
    return all;
  }

  /** Collects by several rules, in their order. */
  public void collect(List<GcPolicy> policies) throws IOException, InterruptedException {
    for (GcPolicy policy : policies) {
      prune(
          policy,
          record ->
              LOG.log(
                  Level.DEBUG,
                  "collected {0} {1}: {2} bytes",
                  record.type().word(),
                  record.id(),
                  record.sizeBytes()));
    }
  }

  @Override
  public void prune(GcPolicy rule, Consumer<UsageRecord> removed)
      throws IOException, InterruptedException {
    RecordFilter filter = RecordFilter.parse(rule.filters());
    lock.lockInterruptibly();
    try (UseLog.Scan scan = uses.scan()) {
      List<Candidate> all = candidates(scan);
      long total = all.stream().mapToLong(candidate -> candidate.record.sizeBytes()).sum();
      long goal = goal(rule, total);
      if (total > goal || !rule.limited()) {
        remove(
            all,
            new Goal(rule, filter, rule.limited() ? total - goal : Long.MAX_VALUE),
            scan,
            removed);
      }
    } finally {
      lock.unlock();
    }
  }

  private record Goal(GcPolicy rule, RecordFilter filter, long excessBytes) {}

  /** How much may stay. */
  private long goal(GcPolicy rule, long total) throws IOException {
    long goal = rule.maxUsedBytes() == 0 ? Long.MAX_VALUE : rule.maxUsedBytes();
    if (rule.maxUsedBytes() == 0 && rule.minFreeBytes() == 0) {
      goal = 0;
    }
    long missing = rule.minFreeBytes() - Files.getFileStore(root).getUsableSpace();
    if (rule.minFreeBytes() > 0 && missing > 0) {
      goal = Math.min(goal, Math.max(0, total - missing));
    }
    return Math.max(goal, rule.reservedBytes());
  }

  private void remove(
      List<Candidate> all, Goal goal, UseLog.Scan scan, Consumer<UsageRecord> removed)
      throws IOException, InterruptedException {
    var byId = new HashMap<String, Candidate>();
    all.forEach(candidate -> byId.put(candidate.record.id(), candidate));
    for (Candidate child : all) {
      parents(child, byId).forEach(parent -> parent.children++);
    }
    Instant before = clock.instant().minus(goal.rule().keep());
    var ready = new PriorityQueue<Candidate>(OLDEST);
    for (Candidate candidate : all) {
      if (candidate.children == 0 && mayGo(candidate.record, goal, before)) {
        ready.add(candidate);
      }
    }
    long left = goal.excessBytes();
    boolean some = false;
    try {
      while (left > 0 && !ready.isEmpty()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Candidate next = ready.remove();
        if (!next.holding.remove(next.record, scan)) {
          continue;
        }
        some = true;
        left -= next.record.sizeBytes();
        removed.accept(next.record);
        for (Candidate parent : parents(next, byId)) {
          parent.children--;
          if (parent.children == 0 && mayGo(parent.record, goal, before)) {
            ready.add(parent);
          }
        }
      }
    } finally {
      if (some) {
        holdings.forEach(Holding::swept);
      }
    }
  }

  private static List<Candidate> parents(Candidate child, Map<String, Candidate> byId) {
    var parents = new ArrayList<Candidate>();
    for (String id : child.record.parents()) {
      Candidate parent = byId.get(id);
      if (parent != null) {
        parents.add(parent);
      }
    }
    return parents;
  }

  private static boolean mayGo(UsageRecord record, Goal goal, Instant before) {
    boolean wanted =
        switch (record.type()) {
          case INTERNAL, FRONTEND -> goal.rule().all();
          case REGULAR, LOCAL_SOURCE, GIT_CHECKOUT, CACHE_MOUNT -> true;
        };
    boolean old = goal.rule().keep().isZero() || record.latest().isBefore(before);
    return wanted
        && old
        && !record.inUse()
        && !record.shared()
        && goal.filter().matches(record::field);
  }
}
