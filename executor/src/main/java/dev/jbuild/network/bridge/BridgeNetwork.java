package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkProvider;
import dev.jbuild.network.NetworkRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The default mode: each step has a namespace and an address of its own behind one bridge, reaches
 * the outside through NAT, and neither the host, nor the daemon, nor other steps.
 *
 * <p>Bridge and rules are made at first use, or before by {@link #warmUp}, and taken away by {@link
 * #close}. What a killed process of the same root left behind is removed when they are made. Safe
 * for use by several threads.
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
   * @param background runs one task at a time, which mostly waits
   */
  public BridgeNetwork(BridgeConfig config, NetworkThread thread, Executor background) {
    this.config = config;
    this.thread = thread;
    this.background = background;
    this.setup = new BridgeSetup(config);
  }

  /** What there is between first use and close. */
  private record Standing(BridgeSetup.Made made, AddressPool pool, LeavingPorts leaving) {}

  /**
   * Makes bridge and rules if they are not there yet, about 30 ms; for a thread in the background.
   * A failure is only logged: the first {@link #open} meets it again and says so to the user.
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
    var made = stands.made();
    int offset = stands.pool().take();
    Descriptor network = null;
    try {
      String resolvConf = config.resolvers().select(made.hostAddresses()).resolvConf();
      network =
          thread.run(
              scope -> {
                made.rules().ensure(scope);
                var address = made.bridge().subnet().at(offset);
                made.rules().expect(HardwareAddress.of(address), address);
                return made.bridge().connect(scope, offset);
              });
      return new Handle(stands, offset, network, resolvConf);
    } finally {
      if (network == null) {
        // A half-made port may still be on its way out.
        stands.leaving().add(offset);
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
          made = held.during(() -> thread.run(setup::make));
        }
        var subnet = made.bridge().subnet();
        var pool = new AddressPool(subnet, config.maxOpen(), ADDRESS_WAIT_MILLIS);
        var leaving =
            new LeavingPorts(thread, made.bridge(), pool, background, PORT_PATIENCE_MILLIS);
        standing = new Standing(made, pool, leaving);
      }
      return standing;
    } finally {
      lock.unlock();
    }
  }

  /** Takes bridge, ports and rules away; steps that still run are cut off. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      if (standing != null) {
        standing.leaving().stop();
        standing = null;
        remove();
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

  /** A step's namespace and address. */
  private static final class Handle implements NetworkHandle {
    private final Standing stands;
    private final int offset;
    private final Descriptor network;
    private final String resolvConf;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Handle(Standing stands, int offset, Descriptor network, String resolvConf) {
      this.stands = stands;
      this.offset = offset;
      this.network = network;
      this.resolvConf = resolvConf;
    }

    @Override
    public NetMode mode() {
      return NetMode.SANDBOX;
    }

    @Override
    public String namespacePath() {
      return network.path().toString();
    }

    @Override
    public String resolvConf() {
      return resolvConf;
    }

    @Override
    public List<String> addresses() {
      return List.of(stands.made().bridge().subnet().at(offset).getHostAddress());
    }

    /** Closing the namespace takes the pair along; deleting a link would cost 33 ms. */
    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        network.close();
        stands.leaving().add(offset);
      }
    }
  }
}
