package dev.jbuild.ops;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.snapshot.Snapshotter.ActiveLayer;
import dev.jbuild.solver.Result;
import java.util.List;

/**
 * Runs programs of results beside the graph: what they write to their files is dropped. Safe for
 * use by several threads.
 */
public record SandboxedProgram(Worker worker, Trees trees) {

  /**
   * What is run.
   *
   * @param root its files
   * @param plan of the build
   * @param gate throws where the network that it really gets is not granted
   * @param hidden files that only it sees
   */
  public record Call(
      Result root,
      ExecMeta meta,
      NetMode network,
      NetworkPlan plan,
      BuildNetworks.Gate gate,
      ProcessRequest.Hidden hidden) {}

  /** The exit code, as {@link dev.jbuild.process.ProcessRunner#run} gives it. */
  public int run(Call call, ProcessRequest.Output output) throws InterruptedException {
    return Failures.wrap(
        "running the program",
        () -> {
          String id = worker.steps().next();
          try (ActiveLayer layer = worker.snapshotter().prepare(trees.present(call.root()));
              NetworkHandle network =
                  worker
                      .networks()
                      .networks()
                      .open(call.network(), new NetworkRequest(id, call.plan()), call.gate())) {
            return worker
                .runner()
                .run(
                    new ProcessRequest(
                        id,
                        layer.mounts(),
                        false,
                        List.of(),
                        call.hidden(),
                        call.meta(),
                        network,
                        SecurityMode.SANDBOX,
                        null,
                        output));
          }
        });
  }
}
