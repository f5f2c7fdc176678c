package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.ElementKey;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.linux.netlink.PacketLog;
import dev.jbuild.linux.netlink.SetBatch;
import dev.jbuild.linux.netlink.SetElement;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.bridge.EgressPolicies.Policy;
import dev.jbuild.network.dns.NameWatch;
import dev.jbuild.network.ledger.Refusal;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What single steps may reach beyond or below the rules for all: egress rules, granted ports of the
 * host; and what they were refused. Safe for use by several threads.
 */
final class StepAccess implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(StepAccess.class.getName());
  private static final String INSIDE_LINK = "eth0";

  private final InstalledRules installed;
  private final NetworkThread thread;
  private final Inet4Address gateway;
  private final EgressPolicies policies;
  private final LocalRouting localRouting;
  private final @Nullable EgressChain ceiling;
  private final @Nullable LearnedNames ceilingNames;
  private final Set<Step> steps = ConcurrentHashMap.newKeySet();
  private volatile @Nullable RefusalLog refusals;

  /**
   * @param made bridge and rules, which stand until this is closed
   * @param thread stays the caller's
   * @param background runs a short task now and then
   * @param ceiling the configured rules, which hold for every step beside its build's
   */
  StepAccess(
      BridgeSetup.Made made,
      NetworkThread thread,
      Executor background,
      EgressRules ceiling,
      EgressPolicies.Timing timing) {
    this.installed = made.rules();
    this.thread = thread;
    this.gateway = made.bridge().subnet().gateway();
    this.policies = new EgressPolicies(installed, thread, background, timing);
    this.localRouting = new LocalRouting(made.bridge().name());
    this.ceiling =
        ceiling.isEmpty()
            ? null
            : EgressChain.ceiling(installed.table(), installed.logGroup(), ceiling);
    this.ceilingNames =
        this.ceiling == null ? null : new LearnedNames(this.ceiling, thread, timing.names());
  }

  /** Sets the configured rules and begins to record refusals. On the network thread, once. */
  void start(NetworkScope scope) throws IOException {
    installed.addition(this::restore);
    if (ceiling != null) {
      installed.change(scope, ceiling.install());
    }
    var log = new RefusalLog(new PacketLog(scope.openNetfilter(), installed.logGroup()));
    try {
      log.start();
      refusals = log;
    } catch (IOException e) {
      log.close();
      LOG.log(System.Logger.Level.WARNING, "refusals of steps are not recorded", e);
    }
  }

  /** Everything again in a new table. On the network thread. */
  private void restore(NetworkScope scope) throws IOException {
    if (ceiling != null && ceilingNames != null) {
      installed.change(scope, ceiling.install());
      ceilingNames.restore(scope);
    }
    policies.restore(scope);
    for (var step : steps) {
      scope.netfilter().exchange(step.added().batch());
    }
  }

  /**
   * Gives a step what its build's plan says, before its first process runs. The caller closes it
   * when the step has ended.
   *
   * @param addresses of the step: an IPv4 one, an IPv6 one may follow
   * @param network the step's, open until the close
   * @throws dev.jbuild.error.BuildException INVALID where granted ports cannot be given
   */
  Step open(List<InetAddress> addresses, NetworkPlan plan, Descriptor network) throws IOException {
    var ports = GrantedPorts.of(plan.hostPorts());
    var policy = plan.egress().isEmpty() ? null : policies.acquire(plan.egress());
    var step = new Step(addresses, ports, policy);
    var log = refusals;
    if (log != null) {
      log.forget(addresses);
    }
    boolean complete = false;
    try {
      if (!step.isPlain()) {
        thread.run(scope -> begin(scope, step, network));
      }
      if (step.hasPorts()) {
        installed.applyInside(network, ports.inside(gateway));
      }
      complete = true;
      return step;
    } finally {
      if (!complete) {
        step.close();
      }
    }
  }

  private boolean begin(NetworkScope scope, Step step, Descriptor network) throws IOException {
    installed.ensure(scope);
    if (step.hasPorts()) {
      localRouting.use();
      step.routesLocally = true;
      scope.inside(
          network,
          () -> {
            LocalRouting.switchOn(INSIDE_LINK);
            return true;
          });
    }
    scope.netfilter().exchange(step.added().batch());
    return steps.add(step);
  }

  /** Ends the record of refusals. Rules and chains go with the table. */
  @Override
  public void close() throws IOException {
    var log = refusals;
    if (log != null) {
      log.close();
    }
  }

  /** What one step has. */
  final class Step implements AutoCloseable {
    private final List<InetAddress> addresses;
    private final Inet4Address ipv4;
    private final GrantedPorts ports;
    private final @Nullable Policy policy;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Only on the network thread. */
    private boolean routesLocally;

    private Step(List<InetAddress> addresses, GrantedPorts ports, @Nullable Policy policy) {
      this.addresses = List.copyOf(addresses);
      this.ipv4 = (Inet4Address) addresses.getFirst();
      this.ports = ports;
      this.policy = policy;
    }

    private boolean isPlain() {
      return policy == null && !hasPorts();
    }

    private boolean hasPorts() {
      return !ports.ports().isEmpty();
    }

    /** What the step's resolver asks and tells. */
    NameWatch names() {
      var layers = new ArrayList<StepNames.Layer>();
      if (ceiling != null && ceilingNames != null) {
        layers.add(new StepNames.Layer(ceiling.rules(), ceilingNames, StepNames.CONFIGURED));
      }
      if (policy != null) {
        layers.add(new StepNames.Layer(policy.rules(), policy.names(), ""));
      }
      return layers.isEmpty() ? NameWatch.NONE : new StepNames(layers);
    }

    /** What the step was refused until now, names excepted. */
    List<Refusal> refusals() throws IOException {
      var log = StepAccess.this.refusals;
      if (log == null) {
        return List.of();
      }
      var words =
          new RefusalWords(
              ceiling == null ? EgressRules.NONE : ceiling.rules(),
              policy == null ? EgressRules.NONE : policy.rules());
      return log.of(addresses).stream().map(words::refusal).toList();
    }

    private SetBatch added() {
      var batch = new SetBatch(installed.table());
      if (policy != null) {
        for (var address : addresses) {
          var to = new SetElement.Goto(policy.chain());
          batch.add(policySet(address), List.of(element(address).giving(to)));
        }
      }
      if (hasPorts()) {
        batch.add("host_ports", ports.allowed(ipv4)).add("host_port_to", ports.targets(ipv4));
      }
      return batch;
    }

    private SetBatch removed() {
      var batch = new SetBatch(installed.table());
      if (policy != null) {
        for (var address : addresses) {
          batch.delete(policySet(address), List.of(element(address)));
        }
      }
      if (hasPorts()) {
        batch.delete("host_ports", ports.allowed(ipv4));
        batch.delete("host_port_to", ports.targets(ipv4));
      }
      return batch;
    }

    private static SetElement element(InetAddress address) {
      return SetElement.of(ElementKey.empty().address(address));
    }

    private static String policySet(InetAddress address) {
      return address instanceof Inet4Address ? "policy4" : "policy6";
    }

    /** Takes everything back, before the address is another step's. */
    @Override
    public void close() throws IOException {
      if (!open.compareAndSet(true, false)) {
        return;
      }
      try {
        if (!isPlain()) {
          thread.run(this::end);
        }
      } finally {
        if (policy != null) {
          policies.release(policy);
        }
        var log = StepAccess.this.refusals;
        if (log != null) {
          log.forget(addresses);
        }
      }
    }

    private boolean end(NetworkScope scope) throws IOException {
      if (routesLocally) {
        localRouting.leave();
      }
      if (!steps.remove(this)) {
        return false;
      }
      try {
        scope.netfilter().exchange(removed().batch());
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ENOENT) {
          throw e;
        }
        // Somebody took the table away: the next step sets it again, without this one.
      }
      return true;
    }
  }
}
