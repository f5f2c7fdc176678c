package dev.jbuild.network.bridge;

import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.netplan.EgressRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The chains of the egress rules that steps run under: one for each distinct list of rules, made
 * for its first step and removed some time after its last. Safe for use by several threads.
 */
final class EgressPolicies {
  private static final System.Logger LOG = System.getLogger(EgressPolicies.class.getName());

  private final InstalledRules installed;
  private final SetSocket sets;
  private final String table;
  private final int logGroup;
  private final NetworkThread thread;
  private final Executor background;
  private final Timing timing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<EgressRules, Policy> byRules = new HashMap<>();

  /** What stands in the kernel; changed on the network thread alone. */
  private final List<Policy> standing = new CopyOnWriteArrayList<>();

  private int numbers;

  /**
   * How long things are kept.
   *
   * @param graceMillis a chain, after its last step
   */
  record Timing(long graceMillis, LearnedNames.Lifetime names) {
    static final Timing USUAL = new Timing(60_000, LearnedNames.Lifetime.USUAL);
  }

  /** The chain of one list of rules. */
  static final class Policy {
    private final int number;
    private final EgressChain chain;
    private final LearnedNames names;
    private int users;
    private long idleSince;

    private Policy(int number, EgressChain chain, LearnedNames names) {
      this.number = number;
      this.chain = chain;
      this.names = names;
    }

    int number() {
      return number;
    }

    String chain() {
      return chain.chain();
    }

    EgressRules rules() {
      return chain.rules();
    }

    LearnedNames names() {
      return names;
    }
  }

  /**
   * @param thread stays the caller's
   * @param background runs a short task now and then
   */
  EgressPolicies(
      InstalledRules installed,
      SetSocket sets,
      NetworkThread thread,
      Executor background,
      Timing timing) {
    this.installed = installed;
    this.sets = sets;
    this.table = installed.table();
    this.logGroup = installed.logGroup();
    this.thread = thread;
    this.background = background;
    this.timing = timing;
  }

  /**
   * The chain of these rules, made if it is not there.
   *
   * @param rules not empty
   */
  Policy acquire(EgressRules rules) throws IOException {
    lock.lock();
    try {
      var policy = byRules.get(rules);
      if (policy == null) {
        policy = make(rules);
        byRules.put(rules, policy);
      }
      policy.users++;
      return policy;
    } finally {
      lock.unlock();
    }
  }

  private Policy make(EgressRules rules) throws IOException {
    int number = ++numbers;
    var chain = EgressChain.policy(table, number, logGroup, rules);
    var made = new Policy(number, chain, new LearnedNames(chain, sets, timing.names()));
    thread.run(
        scope -> {
          installed.change(chain.install());
          return standing.add(made);
        });
    return made;
  }

  /** Gives back what {@link #acquire} gave, once nothing of the step leads to the chain. */
  void release(Policy policy) {
    lock.lock();
    try {
      policy.users--;
      policy.idleSince = System.nanoTime();
    } finally {
      lock.unlock();
    }
    CompletableFuture.delayedExecutor(timing.graceMillis(), TimeUnit.MILLISECONDS, background)
        .execute(this::sweep);
  }

  private void sweep() {
    lock.lock();
    try {
      long now = System.nanoTime();
      long grace = TimeUnit.MILLISECONDS.toNanos(timing.graceMillis());
      var gone = new ArrayList<Policy>();
      byRules.values().stream()
          .filter(policy -> policy.users == 0 && now - policy.idleSince >= grace)
          .forEach(gone::add);
      for (var policy : gone) {
        policy.names.close();
        byRules.remove(policy.rules());
        thread.run(
            scope -> {
              standing.remove(policy);
              installed.change(policy.chain.remove());
              return true;
            });
      }
    } catch (IOException | IllegalStateException e) {
      // The whole table goes with the network.
      LOG.log(System.Logger.Level.DEBUG, "egress rules that nobody uses are left", e);
    } finally {
      lock.unlock();
    }
  }

  /** Makes all chains again, in a new table. On the network thread. */
  void restore() throws IOException {
    for (var policy : standing) {
      installed.change(policy.chain.install());
      policy.names.restore();
    }
  }
}
