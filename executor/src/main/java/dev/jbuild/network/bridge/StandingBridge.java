package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.dns.NameServer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What there is between the first use of the bridge network and its end: bridge, rules, resolver,
 * namespaces. Safe for use by several threads.
 */
final class StandingBridge implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(StandingBridge.class.getName());

  /** How long an open waits for an address that is about to be free. */
  private static final long ADDRESS_WAIT_MILLIS = 3_000;

  /** How long the kernel may take for removing a closed namespace before a port is deleted. */
  private static final long PORT_PATIENCE_MILLIS = 5_000;

  private final BridgeSetup.Made made;
  private final NetworkThread thread;
  private final StepAccess access;
  private final NameServer names;
  private final int namesPort;
  private final AddressPool addresses;
  private final LeavingPorts leaving;
  private final NamespacePool namespaces;

  /**
   * Takes over what was made and the resolver, which listens already.
   *
   * @param namesPort where it listens
   */
  private StandingBridge(
      Parts parts, Addresses bounds, StepAccess access, NameServer names, int namesPort) {
    this.made = parts.made();
    this.thread = parts.thread();
    this.access = access;
    this.names = names;
    this.namesPort = namesPort;
    this.addresses = new AddressPool(made.bridge().subnet(), bounds.maxOpen());
    this.leaving =
        new LeavingPorts(
            thread, made.bridge(), addresses, this::gone, parts.background(), PORT_PATIENCE_MILLIS);
    this.namespaces =
        new NamespacePool(
            this::makeNamespace,
            addresses,
            leaving::add,
            parts.background(),
            new NamespacePool.Bounds(bounds.poolSize(), ADDRESS_WAIT_MILLIS));
  }

  /**
   * What it stands on.
   *
   * @param made bridge and rules; the rules' socket is closed with the standing bridge
   * @param thread stays the caller's
   * @param background runs short tasks and two long ones, which mostly wait
   */
  record Parts(BridgeSetup.Made made, NetworkThread thread, Executor background) {}

  /**
   * Starts the resolver and fills the pool.
   *
   * @param names listens nowhere yet; closed with this, also where this fails
   */
  static StandingBridge start(
      Parts parts, BridgeConfig config, EgressPolicies.Timing timing, NameServer names)
      throws IOException {
    var made = parts.made();
    StepAccess access = null;
    StandingBridge standing = null;
    try {
      int port = names.listen(made.bridge().gateways());
      var settings = new StepAccess.Settings(config.isolation().ceiling(), timing);
      access =
          parts
              .thread()
              .run(
                  scope ->
                      StepAccess.open(
                          scope,
                          config.bridgeName(),
                          made,
                          parts.thread(),
                          parts.background(),
                          settings));
      var starting = new StandingBridge(parts, config.addresses(), access, names, port);
      parts.thread().run(starting::leadToResolver);
      starting.addresses.whenFreed(starting.namespaces::freed);
      starting.namespaces.fill();
      standing = starting;
      return starting;
    } finally {
      if (standing == null) {
        names.close();
        if (access != null) {
          access.close();
        }
        made.rules().close();
      }
    }
  }

  private int leadToResolver(NetworkScope scope) throws IOException {
    made.elements().resolverAt(scope, namesPort);
    return namesPort;
  }

  /** The bridge itself. */
  HostBridge host() {
    return made.bridge();
  }

  /** How many namespaces are ready. */
  int pooled() {
    return namespaces.size();
  }

  /** Gives a step its network. */
  NetworkHandle open(NetworkRequest request) throws IOException, InterruptedException {
    var ready = namespaces.take();
    boolean complete = false;
    try {
      if (!made.rules().stand()) {
        thread.run(this::restoreRules);
      }
      var plan = request.plan();
      var step = access.open(ready.offset(), plan, ready.network());
      var client = names.register(host().addresses(ready.offset()), plan.dns(), step.names());
      complete = true;
      return new BridgeHandle(request, this, ready, new BridgeHandle.Eyes(client, step));
    } finally {
      if (!complete) {
        leave(ready);
      }
    }
  }

  /** The step has ended. Its addresses come back once the kernel has removed the namespace. */
  void leave(NamespacePool.Ready ready) {
    ready.network().close();
    leaving.add(ready.offset());
  }

  private Descriptor makeNamespace(int offset) throws IOException {
    return thread.run(
        scope -> {
          var network = made.bridge().connect(scope, offset);
          boolean complete = false;
          try {
            restoreRules(scope);
            made.elements().add(scope, offset);
            complete = true;
            return network;
          } finally {
            if (!complete) {
              network.close();
            }
          }
        });
  }

  /** Rules that somebody took away come back with all that belongs to steps. */
  private boolean restoreRules(NetworkScope scope) throws IOException {
    boolean restored = made.rules().restore(scope);
    if (restored) {
      made.elements().add(scope, addresses.taken());
      made.elements().resolverAt(scope, namesPort);
      access.restore();
    }
    return restored;
  }

  /** Nothing of these namespaces is left in the kernel but what we told it of them. */
  private void gone(List<Integer> offsets) throws IOException {
    thread.run(
        scope -> {
          made.bridge().forget(scope, offsets);
          made.elements().delete(scope, offsets);
          return offsets;
        });
    access.gone(offsets);
  }

  /** Ends what works in the background; bridge and rules stay for whoever made them. */
  @Override
  public void close() throws IOException {
    namespaces.stop();
    leaving.stop();
    names.close();
    try (var rules = made.rules()) {
      LOG.log(System.Logger.Level.DEBUG, "no more steps with rules of table {0}", rules.table());
      access.close();
    }
  }
}
