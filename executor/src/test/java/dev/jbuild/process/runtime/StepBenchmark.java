package dev.jbuild.process.runtime;

import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.NetMode;
import dev.jbuild.process.StepRequests;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Prints what a step costs; no test. Arguments: directory, rounds, {@code crun} or {@code runc},
 * and a network namespace's path or nothing for the host's network.
 */
final class StepBenchmark {
  private StepBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    var directory = Files.createTempDirectory(Path.of(arguments[0]), "bench");
    int rounds = Integer.parseInt(arguments[1]);
    var kind = arguments[2].equals("runc") ? Preference.RUNC : Preference.CRUN;
    @Nullable String namespace = arguments.length > 3 ? arguments[3] : null;
    var root = BusyboxRoot.create(directory.resolve("image"));
    // As images are: no mount point has to be made.
    for (String name : List.of("dev", "proc", "sys")) {
      Files.createDirectory(root.layer().resolve(name));
    }
    Files.createFile(root.layer().resolve("etc/hosts"));
    Files.createFile(root.layer().resolve("etc/resolv.conf"));
    var state = directory.resolve("state");
    var config = new RuntimeConfig(kind, null, state.resolve("run"), state.resolve("seccomp"));
    try (var pumps = Executors.newCachedThreadPool();
        var runner = new OciProcessRunner(config, new LibcKernel(), pumps)) {
      double[] millis = new double[rounds];
      double first = 0;
      for (int round = -20; round < rounds; round++) {
        var network =
            namespace == null
                ? new StepRequests.Network(NetMode.HOST, null, null, List.of())
                : new StepRequests.Network(NetMode.NONE, namespace, "", List.of());
        var request = StepRequests.command("true").network(network).on(root.overlay());
        long start = System.nanoTime();
        int code = runner.run(request);
        double took = (System.nanoTime() - start) / 1e6;
        if (code != 0) {
          throw new IllegalStateException("exit code " + code);
        }
        if (round == -20) {
          first = took;
        } else if (round >= 0) {
          millis[round] = took;
        }
      }
      Arrays.sort(millis);
      System.err.printf(
          Locale.ROOT,
          "%s: first %.1f ms, median %.2f ms, p10 %.2f ms, p90 %.2f ms of %d%n",
          arguments[2],
          first,
          millis[rounds / 2],
          millis[rounds / 10],
          millis[rounds * 9 / 10],
          rounds);
    }
  }
}
