package dev.jbuild.network.bridge;

import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkProvider;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.dns.NameServer;
import dev.jbuild.network.dns.NameServerConfig;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The default mode: each step has a namespace and an address of its own behind one bridge, reaches
 * the outside through NAT, and neither the host, nor the daemon, nor other steps.
 *
 * <p>Namespaces are made ahead, used once and thrown away. Bridge, rules and resolver are made at
 * first use, or before by {@link #warmUp}, and taken away by {@link #close}. What a killed process
 * of the same root left behind is removed when they are made. Safe for use by several threads.
 */
public final class BridgeNetwork implements NetworkProvider, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BridgeNetwork.class.getName());

  private final BridgeConfig config;
  private final NetworkThread thread;
  private final Executor background;
  private final NameServerConfig names;
  private final EgressPolicies.Timing timing;
  private final BridgeSetup setup;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable StandingBridge standing;
  private boolean closed;

  /**
   * @param thread stays the caller's, closed after this
   * @param background runs short tasks and two long ones, which mostly wait
   * @param names how steps' names are answered
   */
  public BridgeNetwork(
      BridgeConfig config, NetworkThread thread, Executor background, NameServerConfig names) {
    this(config, thread, background, names, EgressPolicies.Timing.USUAL);
  }

  /**
   * @param timing of chains and names of egress rules
   */
  BridgeNetwork(
      BridgeConfig config,
      NetworkThread thread,
      Executor background,
      NameServerConfig names,
      EgressPolicies.Timing timing) {
    this.config = config;
    this.thread = thread;
    this.background = background;
    this.names = names;
    this.timing = timing;
    this.setup = new BridgeSetup(config);
  }

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
    return standing().host().subnet();
  }

  /** How many namespaces are ready, making the bridge if it is not there yet. */
  int pooled() throws IOException, InterruptedException {
    return standing().pooled();
  }

  @Override
  public NetworkHandle open(NetworkRequest request) throws IOException, InterruptedException {
    return standing().open(request);
  }

  private StandingBridge standing() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      if (closed) {
        throw new IllegalStateException("bridge network is closed");
      }
      if (standing == null) {
        var server = new NameServer(names);
        BridgeSetup.Made made;
        try (var held = HostLock.acquire(config.lockDirectory())) {
          made = held.during(() -> thread.run(scope -> setup.make(scope, server.resolvers())));
        }
        standing = start(made, server);
      }
      return standing;
    } finally {
      lock.unlock();
    }
  }

  private StandingBridge start(BridgeSetup.Made made, NameServer server) throws IOException {
    StandingBridge started = null;
    try {
      var parts = new StandingBridge.Parts(made, thread, background);
      started = StandingBridge.start(parts, config, timing, server);
      return started;
    } finally {
      if (started == null) {
        remove();
      }
    }
  }

  /** Takes bridge, ports and rules away; steps that still run are cut off. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      if (standing != null) {
        try (var ending = standing) {
          LOG.log(System.Logger.Level.DEBUG, "ending bridge network {0}", ending.host().subnet());
        } finally {
          standing = null;
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
}
