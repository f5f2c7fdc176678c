package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.ElementKey;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.NetworkThread;
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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What single steps may reach beyond or below the rules for all: egress rules, granted ports of the
 * host; and what they were refused. Safe for use by several threads.
 */
final class StepAccess implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(StepAccess.class.getName());
  private static final String INSIDE_LINK = "eth0";

  private final InstalledRules installed;
  private final HostBridge bridge;
  private final NetworkThread thread;
  private final SetSocket sets;
  private final EgressPolicies policies;
  private final LocalRouting localRouting;
  private final @Nullable Ceiling ceiling;
  private final @Nullable RefusalLog log;

  /** By offset, until their ports are gone. */
  private final Map<Integer, Step> steps = new ConcurrentHashMap<>();

  /** The configured rules, which hold for every step. */
  private record Ceiling(EgressChain chain, LearnedNames names) {}

  /**
   * What is configured.
   *
   * @param ceiling rules that hold for every step beside its build's
   * @param timing of chains and names
   */
  record Settings(EgressRules ceiling, EgressPolicies.Timing timing) {
    static final Settings USUAL = new Settings(EgressRules.NONE, EgressPolicies.Timing.USUAL);
  }

  /**
   * Opens sockets and sets the configured rules. On the network thread.
   *
   * @param name of the bridge
   * @param made bridge and rules, which stand until this is closed
   * @param thread stays the caller's
   * @param background runs a short task now and then
   */
  static StepAccess open(
      NetworkScope scope,
      String name,
      BridgeSetup.Made made,
      NetworkThread thread,
      Executor background,
      Settings settings)
      throws IOException {
    var rules = made.rules();
    var sets = new SetSocket(rules.table(), scope.openNetfilter());
    boolean complete = false;
    try {
      Ceiling ceiling = null;
      if (!settings.ceiling().isEmpty()) {
        var chain = EgressChain.ceiling(rules.table(), rules.logGroup(), settings.ceiling());
        rules.change(chain.install());
        ceiling = new Ceiling(chain, new LearnedNames(chain, sets, settings.timing().names()));
      }
      var policies = new EgressPolicies(rules, sets, thread, background, settings.timing());
      var routing = new LocalRouting(name);
      var log = openLog(scope, rules.logGroup());
      complete = true;
      return new StepAccess(made, thread, sets, policies, routing, ceiling, log);
    } finally {
      if (!complete) {
        sets.close();
      }
    }
  }

  private static @Nullable RefusalLog openLog(NetworkScope scope, int group) throws IOException {
    var log = new RefusalLog(scope.openPacketLog(group));
    try {
      log.start();
      return log;
    } catch (IOException e) {
      log.close();
      LOG.log(System.Logger.Level.WARNING, "refusals of steps are not recorded", e);
      return null;
    }
  }

  private StepAccess(
      BridgeSetup.Made made,
      NetworkThread thread,
      SetSocket sets,
      EgressPolicies policies,
      LocalRouting localRouting,
      @Nullable Ceiling ceiling,
      @Nullable RefusalLog log) {
    this.installed = made.rules();
    this.bridge = made.bridge();
    this.thread = thread;
    this.sets = sets;
    this.policies = policies;
    this.localRouting = localRouting;
    this.ceiling = ceiling;
    this.log = log;
  }

  /** Sets everything again in a new table. On the network thread. */
  void restore() throws IOException {
    if (ceiling != null) {
      installed.change(ceiling.chain().install());
      ceiling.names().restore();
    }
    policies.restore();
    for (var step : steps.values()) {
      step.add();
    }
  }

  /**
   * Gives a step what its build's plan says, before its first process runs. {@link #gone} takes it
   * back, also where this fails.
   *
   * @param offset of the step's addresses
   * @param network the step's
   * @throws dev.jbuild.error.BuildException INVALID where granted ports cannot be given
   */
  Step open(int offset, NetworkPlan plan, Descriptor network) throws IOException {
    var ports = GrantedPorts.of(plan.hostPorts());
    var addresses = bridge.addresses(offset);
    if (log != null) {
      log.forget(addresses);
    }
    var policy = plan.egress().isEmpty() ? null : policies.acquire(plan.egress());
    var step = new Step(addresses, ports, policy);
    steps.put(offset, step);
    step.add();
    if (step.hasPorts()) {
      step.routesLocally = thread.run(scope -> routeLocally(scope, network));
      installed.applyInside(network, ports.inside(bridge.subnet().gateway()));
    }
    return step;
  }

  private boolean routeLocally(NetworkScope scope, Descriptor network) throws IOException {
    boolean inside =
        scope.inside(
            network,
            () -> {
              LocalRouting.switchOn(INSIDE_LINK);
              return true;
            });
    localRouting.use();
    return inside;
  }

  /**
   * Takes back what steps had whose ports are gone, before their addresses are others'. Not before
   * that: a process that outlives its step must not come out from under its rules.
   */
  void gone(List<Integer> offsets) throws IOException {
    for (int offset : offsets) {
      var step = steps.remove(offset);
      if (step != null) {
        step.remove();
      }
    }
  }

  /** Ends the record of refusals. Rules and chains go with the table. */
  @Override
  public void close() throws IOException {
    sets.close();
    if (log != null) {
      log.close();
    }
  }

  /** What one step has. */
  final class Step {
    private final List<InetAddress> addresses;
    private final Inet4Address ipv4;
    private final GrantedPorts ports;
    private final @Nullable Policy policy;
    private volatile boolean routesLocally;

    private Step(List<InetAddress> addresses, GrantedPorts ports, @Nullable Policy policy) {
      this.addresses = addresses;
      this.ipv4 = (Inet4Address) addresses.getFirst();
      this.ports = ports;
      this.policy = policy;
    }

    private boolean hasPorts() {
      return !ports.ports().isEmpty();
    }

    /** What the step's resolver asks and tells. */
    NameWatch names() {
      var layers = new ArrayList<StepNames.Layer>();
      if (ceiling != null) {
        var rules = ceiling.chain().rules();
        layers.add(new StepNames.Layer(rules, ceiling.names(), Refusal.CEILING));
      }
      if (policy != null) {
        layers.add(new StepNames.Layer(policy.rules(), policy.names(), ""));
      }
      return layers.isEmpty() ? NameWatch.NONE : new StepNames(layers);
    }

    /** What the step was refused until now, names excepted. */
    List<Refusal> refusals() throws IOException {
      if (log == null) {
        return List.of();
      }
      var words =
          new RefusalWords(
              ceiling == null ? EgressRules.NONE : ceiling.chain().rules(),
              policy == null ? EgressRules.NONE : policy.rules());
      return log.of(addresses).stream().map(words::refusal).toList();
    }

    private void add() throws IOException {
      if (policy == null && !hasPorts()) {
        return;
      }
      var batch = sets.batch();
      if (policy != null) {
        for (var address : addresses) {
          var to = new SetElement.Goto(policy.chain());
          batch.add(policySet(address), List.of(element(address).giving(to)));
        }
      }
      if (hasPorts()) {
        batch.add("host_ports", ports.allowed(ipv4)).add("host_port_to", ports.targets(ipv4));
      }
      sets.exchange(batch);
    }

    private void remove() throws IOException {
      if (log != null) {
        log.forget(addresses);
      }
      if (hasPorts()) {
        sets.delete("host_ports", ports.allowed(ipv4));
        sets.delete("host_port_to", ports.targets(ipv4));
      }
      if (routesLocally) {
        thread.run(
            scope -> {
              localRouting.leave();
              return true;
            });
      }
      if (policy != null) {
        try {
          for (var address : addresses) {
            sets.delete(policySet(address), List.of(element(address)));
          }
        } finally {
          policies.release(policy);
        }
      }
    }

    private static SetElement element(InetAddress address) {
      return SetElement.of(ElementKey.empty().address(address));
    }

    private static String policySet(InetAddress address) {
      return address instanceof Inet4Address ? "policy4" : "policy6";
    }
  }
}
