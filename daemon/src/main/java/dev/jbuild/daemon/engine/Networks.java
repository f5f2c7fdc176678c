package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.config.NetworkConfig;
import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.linux.libc.LibcNetworkKernel;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.DaemonNamespace;
import dev.jbuild.network.HostNetwork;
import dev.jbuild.network.NoNetwork;
import dev.jbuild.network.bridge.Addresses;
import dev.jbuild.network.bridge.BridgeConfig;
import dev.jbuild.network.bridge.BridgeNetwork;
import dev.jbuild.network.bridge.Isolation;
import dev.jbuild.network.bridge.Links;
import dev.jbuild.network.bridge.Subnet;
import dev.jbuild.network.dns.NameServerConfig;
import dev.jbuild.network.meter.SocketMeter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;

/** The networks that steps can have. */
final class Networks implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Networks.class.getName());

  private final NetworkThread thread;
  private final BridgeNetwork bridge;
  private final SocketMeter meter;
  private final BuildNetworks networks;

  private Networks(NetworkThread thread, BridgeNetwork bridge, SocketMeter meter) {
    this.thread = thread;
    this.bridge = bridge;
    this.meter = meter;
    this.networks =
        new BuildNetworks(
            bridge,
            new HostNetwork(DaemonNamespace.notice(Path.of("/proc"))),
            new NoNetwork(thread),
            meter);
  }

  /** Makes nothing yet, unless a killed process has left its bridge behind. */
  static Networks open(DaemonConfig config, ExecutorService tasks) {
    var thread = new NetworkThread(new LibcNetworkKernel(), null);
    BridgeConfig settings = settings(config);
    var names = NameServerConfig.usual(config.dns());
    var meter = new SocketMeter(new LibcBpfKernel(), config.root(), SocketMeter.FLOWS_PER_STEP);
    var networks = new Networks(thread, new BridgeNetwork(settings, thread, tasks, names), meter);
    if (Files.exists(Path.of("/sys/class/net", settings.bridgeName()))) {
      tasks.execute(networks::takeOver);
    }
    return networks;
  }

  private static BridgeConfig settings(DaemonConfig config) {
    NetworkConfig said = config.network();
    BridgeConfig usual = BridgeConfig.usual(config.root());
    Addresses addresses = usual.addresses().with(ipv6(said.ipv6())).pooling(config.poolSize());
    return usual
        .with(said.subnet().isEmpty() ? addresses : addresses.within(Subnet.parse(said.subnet())))
        .with(new Links(said.bridgeName(), said.mtu()))
        .with(new Isolation(said.icc(), said.blockPrivate(), said.egress()));
  }

  private static Addresses.Ipv6 ipv6(NetworkConfig.Ipv6 said) {
    return switch (said) {
      case AUTO -> Addresses.Ipv6.AUTO;
      case ON -> Addresses.Ipv6.ON;
      case OFF -> Addresses.Ipv6.OFF;
    };
  }

  /** The daemon's own rules, as far as they change what a step that uses its network gets. */
  static String surroundings(DaemonConfig config) {
    NetworkConfig said = config.network();
    return "egress="
        + said.egress()
        + " private="
        + said.blockPrivate()
        + " icc="
        + said.icc()
        + " dns="
        + config.dns();
  }

  /** What was left behind is ours from here on, and goes when we do. */
  private void takeOver() {
    try {
      meter.warmUp();
      bridge.warmUp();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "the bridge that an earlier process left could not be taken over", e);
    }
  }

  BuildNetworks all() {
    return networks;
  }

  @Override
  public void close() throws IOException {
    try (thread;
        bridge) {
      meter.close();
    }
  }
}
