package dev.jbuild.process.runtime;

import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.linux.libc.LibcNetworkKernel;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.HostNetwork;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.NoNetwork;
import dev.jbuild.network.meter.SocketMeter;
import dev.jbuild.process.StepRequests;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/**
 * A virtual machine of its own that runs steps which are watched, under whatever control groups it
 * is started with. Prints a line a step: {@code code=N quiet=Q} and the peers.
 */
final class MeterProbe {
  private MeterProbe() {}

  /** Arguments: directory, preference, then the mode and the script of each step. */
  public static void main(String[] arguments) throws Exception {
    var directory = Path.of(arguments[0]);
    var root = BusyboxRoot.create(directory.resolve("image"));
    var state = directory.resolve("state");
    var config =
        new RuntimeConfig(
            Preference.valueOf(arguments[1]), null, state.resolve("run"), state.resolve("seccomp"));
    try (var pumps = Executors.newCachedThreadPool();
        var thread = new NetworkThread(new LibcNetworkKernel(), null);
        var meter = new SocketMeter(new LibcBpfKernel(), state, SocketMeter.FLOWS_PER_STEP);
        var runner = new OciProcessRunner(config, new LibcKernel(), pumps)) {
      var none = new NoNetwork(thread);
      var networks = new BuildNetworks(none, new HostNetwork(), none, meter);
      for (int i = 2; i + 1 < arguments.length; i += 2) {
        var mode = NetMode.valueOf(arguments[i]);
        var asked = new NetworkRequest("s" + i, NetworkPlan.NONE);
        try (var network = networks.open(mode, asked, real -> {})) {
          var request = StepRequests.shell(arguments[i + 1]).network(network);
          int code = runner.run(request.on(root.overlay()));
          System.out.print(request.output().out() + request.output().err());
          var report = network.report();
          System.out.print("code=" + code + " quiet=" + report.quiet());
          for (var peer : report.peers()) {
            System.out.print(
                " "
                    + peer.protocol()
                    + " "
                    + peer.address().getHostAddress()
                    + ":"
                    + peer.port()
                    + " "
                    + peer.state());
          }
          System.out.println();
        }
      }
    }
  }
}
