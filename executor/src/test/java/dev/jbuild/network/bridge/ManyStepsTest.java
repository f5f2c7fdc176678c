package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.HostNetwork;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.NoNetwork;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.meter.SocketMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many steps with all that a step's network has: address, name client, meter. */
@Tag("root")
final class ManyStepsTest {
  private static final int STEPS = 1000;

  /** Far fewer addresses than steps: two name clients at one address are an error. */
  private static final String SUBNET = "10.89.0.0/26";

  @TempDir private Path dir;

  private BridgeNetwork bridge(TestHost host) {
    var subnets = List.of(Subnet.parse(SUBNET));
    var addresses = new Addresses(subnets, Addresses.Ipv6.ON, 40, 4);
    var config =
        new BridgeConfig(
            dir.resolve("root"),
            dir.resolve("run"),
            "nft",
            addresses,
            Links.USUAL,
            Isolation.USUAL);
    return new BridgeNetwork(
        config, host.thread(), task -> Thread.ofVirtual().start(task), TestNames.of(host, dir));
  }

  private static long children(Path group) throws IOException {
    try (Stream<Path> entries = Files.list(group)) {
      return entries.filter(Files::isDirectory).count();
    }
  }

  @Test
  @DisplayName("1,000 steps leave neither control groups nor clients of the name server")
  void thousandStepsLeaveNeitherGroupsNorNames() throws Exception {
    try (var host = new TestHost();
        var bridge = bridge(host);
        var meter =
            new SocketMeter(new LibcBpfKernel(), dir.resolve("root"), SocketMeter.FLOWS_PER_STEP)) {
      var networks =
          new BuildNetworks(bridge, new HostNetwork(), new NoNetwork(host.thread()), meter);
      Path parent = null;
      for (int i = 0; i < STEPS; i++) {
        var mode = i % 10 == 9 ? NetMode.NONE : NetMode.SANDBOX;
        var request = new NetworkRequest("step" + i, NetworkPlan.NONE);
        try (var handle = networks.open(mode, request, real -> assertEquals(mode, real))) {
          Path group = Objects.requireNonNull(handle.group(), "it is not watched");
          parent = Objects.requireNonNull(group.getParent());
          assertEquals(1, children(parent));
          assertEquals(List.of(), handle.report().peers());
        }
      }
      assertEquals(0, children(Objects.requireNonNull(parent)));
    }
  }
}
