package dev.jbuild.ops;

import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.process.RunningProcess.Joining;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;

/** The containers of one job. */
public final class JobContainers implements ContainerPrograms {
  private static final VertexProgress UNSEEN =
      new VertexProgress() {
        @Override
        public void log(Stream stream, byte[] bytes, int offset, int length) {}

        @Override
        public void status(String id, long current, long total, boolean done) {}
      };

  private final Worker worker;
  private final Trees trees;
  private final JobScope job;

  public JobContainers(Worker worker, JobScope job) {
    this.worker = worker;
    this.trees = new Trees(worker);
    this.job = job;
  }

  @Override
  public void check(Program program) {
    for (Entitlement needed : EntitlementPolicy.needs(program.op())) {
      job.policy().require(needed, program.place());
    }
  }

  @Override
  public int run(Program program, Attended output) throws InterruptedException {
    check(program);
    return Failures.wrap(
        "running the container",
        () -> {
          Hidden hidden = new StepSecrets(program.op(), job.session()).open();
          try (var mounts = new StepMounting(program.op(), program.inputs(), worker, trees)) {
            mounts.open(UNSEEN);
            return run(program, mounts, hidden, output);
          }
        });
  }

  private int run(Program program, StepMounting mounts, Hidden hidden, Attended output)
      throws IOException, InterruptedException {
    var op = program.op();
    String id = worker.steps().next();
    try (NetworkHandle network =
        worker
            .networks()
            .networks()
            .open(
                op.network(),
                new NetworkRequest(id, job.network()),
                real -> checkNetwork(real, program))) {
      return worker
          .runner()
          .run(
              new ProcessRequest(
                  id,
                  mounts.root(),
                  mounts.rootReadonly(),
                  mounts.others(),
                  hidden,
                  op.meta(),
                  network,
                  op.security(),
                  null,
                  output));
    }
  }

  private void checkNetwork(NetMode real, Program program) {
    if (real == NetMode.HOST) {
      job.policy().require(new Entitlement.NetworkHost(), program.place());
    }
  }

  @Override
  public int join(RunningProcess first, Program program, Attended output)
      throws InterruptedException {
    check(program);
    return Failures.wrap(
        "running a process in the container",
        () -> {
          var env = new StepSecrets(program.op(), job.session()).open().env();
          return first.join(new Joining(program.op().meta(), env, output));
        });
  }
}
