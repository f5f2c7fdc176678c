package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkProvider;
import dev.jbuild.network.NetworkRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The default mode: each step has a namespace and an address of its own behind one bridge, reaches
 * the outside through NAT, and neither the host, nor the daemon, nor other steps.
 *
 * <p>Namespaces are made ahead, used once and thrown away. Bridge and rules are made at first use,
 * or before by {@link #warmUp}, and taken away by {@link #close}. What a killed process of the same
 * root left behind is removed when they are made. Safe for use by several threads.
 */
public final class BridgeNetwork implements NetworkProvider, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BridgeNetwork.class.getName());

  /** How long {@link #open} waits for an address that is about to be free. */
  private static final long ADDRESS_WAIT_MILLIS = 3_000;

  /** How long the kernel may take for removing a closed namespace before a port is deleted. */
  private static final long PORT_PATIENCE_MILLIS = 5_000;

  private final BridgeConfig config;
  private final NetworkThread thread;
  private final Executor background;
  private final BridgeSetup setup;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Standing standing;
  private boolean closed;

  /**
   * @param thread stays the caller's, closed after this
   * @param background runs two tasks at a time, which mostly wait
   */
  public BridgeNetwork(BridgeConfig config, NetworkThread thread, Executor background) {
    this.config = config;
    this.thread = thread;
    this.background = background;
    this.setup = new BridgeSetup(config);
  }

  /** What there is between first use and close. */
  private record Standing(
      BridgeSetup.Made made,
      AddressPool addresses,
      LeavingPorts leaving,
      NamespacePool namespaces) {}

  /**
   * Makes bridge and rules if they are not there yet, about 30 ms, and begins to fill the pool; for
   * a thread in the background. A failure is only logged: the first {@link #open} meets it again
   * and says so to the user.
   */
  public void warmUp() throws InterruptedException {
    try {
      standing();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "bridge network not made ahead of its use", e);
    }
  }

  /** The subnet of the steps, making the bridge if it is not there yet. */
  public Subnet subnet() throws IOException, InterruptedException {
    return standing().made().bridge().subnet();
  }

  @Override
  public NetworkHandle open(NetworkRequest request) throws IOException, InterruptedException {
    var stands = standing();
    var ready = stands.namespaces().take();
    boolean complete = false;
    try {
      if (!stands.made().rules().stand()) {
        thread.run(scope -> restoreRules(scope, stands.made(), stands.addresses()));
      }
      complete = true;
      return new Handle(stands, ready);
    } finally {
      if (!complete) {
        ready.network().close();
        stands.leaving().add(ready.offset());
      }
    }
  }

  private Standing standing() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException("bridge network is closed");
      }
      if (standing == null) {
        BridgeSetup.Made made;
        try (var held = HostLock.acquire(config.lockDirectory())) {
          made = held.during(() -> thread.run(scope -> setup.make(scope, List.of())));
        }
        standing = stand(made);
        standing.namespaces().fill();
      }
      return standing;
    } finally {
      lock.unlock();
    }
  }

  private Standing stand(BridgeSetup.Made made) {
    var bridge = made.bridge();
    var addresses = new AddressPool(bridge.subnet(), config.addresses().maxOpen());
    var leaving =
        new LeavingPorts(
            thread, bridge, made.elements(), addresses, background, PORT_PATIENCE_MILLIS);
    var namespaces =
        new NamespacePool(
            offset -> makeNamespace(made, addresses, offset),
            addresses,
            leaving::add,
            background,
            new NamespacePool.Bounds(config.addresses().poolSize(), ADDRESS_WAIT_MILLIS));
    addresses.whenFreed(namespaces::freed);
    return new Standing(made, addresses, leaving, namespaces);
  }

  private Descriptor makeNamespace(BridgeSetup.Made made, AddressPool addresses, int offset)
      throws IOException {
    return thread.run(
        scope -> {
          var network = made.bridge().connect(scope, offset);
          boolean complete = false;
          try {
            restoreRules(scope, made, addresses);
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
  private static boolean restoreRules(
      NetworkScope scope, BridgeSetup.Made made, AddressPool addresses) throws IOException {
    boolean restored = made.rules().restore(scope);
    if (restored) {
      made.elements().add(scope, addresses.taken());
    }
    return restored;
  }

  /** Takes bridge, ports and rules away; steps that still run are cut off. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      if (standing != null) {
        var stands = standing;
        standing = null;
        stands.namespaces().stop();
        stands.leaving().stop();
        try (var rules = stands.made().rules()) {
          LOG.log(System.Logger.Level.DEBUG, "taking away table {0}", rules.table());
          remove();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void remove() throws IOException {
    boolean interrupted = Thread.interrupted();
    try (var held = HostLock.acquire(config.lockDirectory())) {
      int deletions = held.during(() -> thread.run(setup::remove));
      LOG.log(System.Logger.Level.DEBUG, "bridge network removed with {0} deletions", deletions);
    } catch (InterruptedException e) {
      interrupted = true;
      throw new IOException("interrupted before the bridge network was removed", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A step's namespace and addresses. */
  private static final class Handle implements NetworkHandle {
    private final Standing stands;
    private final NamespacePool.Ready ready;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Handle(Standing stands, NamespacePool.Ready ready) {
      this.stands = stands;
      this.ready = ready;
    }

    @Override
    public NetMode mode() {
      return NetMode.SANDBOX;
    }

    @Override
    public String namespacePath() {
      return ready.network().path().toString();
    }

    @Override
    public String resolvConf() {
      return String.join(
          "", hostGateway().stream().map(each -> "nameserver " + each + "\n").toList());
    }

    @Override
    public List<String> addresses() {
      return texts(stands.made().bridge().addresses(ready.offset()));
    }

    @Override
    public List<String> hostGateway() {
      return texts(stands.made().bridge().gateways());
    }

    private static List<String> texts(List<InetAddress> addresses) {
      return addresses.stream().map(InetAddress::getHostAddress).toList();
    }

    /** Closing the namespace takes the pair along; deleting a link would cost 33 ms. */
    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        ready.network().close();
        stands.leaving().add(ready.offset());
      }
    }
  }
}
