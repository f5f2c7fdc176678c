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
import dev.jbuild.network.meter.NoMeter;
import dev.jbuild.network.meter.SocketMeter;
import dev.jbuild.process.StepRequests;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Executors;

/**
 * Prints what watching costs a step without network; no test. Steps with and without a meter take
 * turns. Arguments: directory, rounds, {@code crun} or {@code runc}.
 */
final class MeterBenchmark {
  private static final int WARM = 20;

  private MeterBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    var directory = Files.createTempDirectory(Path.of(arguments[0]), "bench");
    int rounds = Integer.parseInt(arguments[1]);
    var kind = arguments[2].equals("runc") ? Preference.RUNC : Preference.CRUN;
    var root = BusyboxRoot.create(directory.resolve("image"));
    for (String name : new String[] {"dev", "proc", "sys"}) {
      Files.createDirectory(root.layer().resolve(name));
    }
    Files.createFile(root.layer().resolve("etc/hosts"));
    Files.createFile(root.layer().resolve("etc/resolv.conf"));
    var state = directory.resolve("state");
    var config = new RuntimeConfig(kind, null, state.resolve("run"), state.resolve("seccomp"));
    try (var pumps = Executors.newCachedThreadPool();
        var thread = new NetworkThread(new LibcNetworkKernel(), null);
        var meter = new SocketMeter(new LibcBpfKernel(), state, SocketMeter.FLOWS_PER_STEP);
        var runner = new OciProcessRunner(config, new LibcKernel(), pumps)) {
      long loading = System.nanoTime();
      meter.warmUp();
      System.err.printf(Locale.ROOT, "load %.1f ms%n", (System.nanoTime() - loading) / 1e6);
      var none = new NoNetwork(thread);
      var blind = new BuildNetworks(none, new HostNetwork(), none, new NoMeter("no"));
      var seeing = new BuildNetworks(none, new HostNetwork(), none, meter);
      double[][] millis = new double[2][rounds];
      long[] ticks = new long[2];
      for (int round = -WARM; round < rounds; round++) {
        for (int watched = 0; watched < 2; watched++) {
          var mount = root.overlay();
          long before = ticks();
          long start = System.nanoTime();
          try (var network =
              (watched == 1 ? seeing : blind)
                  .open(NetMode.NONE, new NetworkRequest("s", NetworkPlan.NONE), mode -> {})) {
            int code = runner.run(StepRequests.command("true").network(network).on(mount));
            var report = network.report();
            if (code != 0 || report.quiet() != (watched == 1)) {
              throw new IllegalStateException("exit code " + code + ", " + report);
            }
          }
          if (round >= 0) {
            millis[watched][round] = (System.nanoTime() - start) / 1e6;
            ticks[watched] += ticks() - before;
          }
        }
      }
      print("without", millis[0], ticks[0]);
      print("with", millis[1], ticks[1]);
    }
  }

  /** Hundredths of a second of processor time, of this process and of those that ended. */
  private static long ticks() throws IOException {
    String[] fields = Files.readString(Path.of("/proc/self/stat")).split(" ", -1);
    long sum = 0;
    for (int i = 13; i <= 16; i++) {
      sum += Long.parseLong(fields[i]);
    }
    return sum;
  }

  private static void print(String what, double[] millis, long ticks) {
    Arrays.sort(millis);
    System.err.printf(
        Locale.ROOT,
        "%s: median %.2f ms, p10 %.2f ms, p90 %.2f ms, processor %.2f ms, of %d%n",
        what,
        millis[millis.length / 2],
        millis[millis.length / 10],
        millis[millis.length * 9 / 10],
        ticks * 10.0 / millis.length,
        millis.length);
  }
}
