package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.mount.Mount;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.oci.Bytes;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.process.ProcessRequest.SandboxMount;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.process.RunningProcess.Joining;
import dev.jbuild.process.TreeMounter;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The containers of one job. */
public final class JobContainers implements ContainerPrograms {
  private static final VertexProgress UNSEEN =
      new VertexProgress() {
        @Override
        public void log(Stream stream, byte[] bytes, int offset, int length) {}

        @Override
        public void status(String id, long current, long total, boolean done) {}
      };

  private static final System.Logger LOG = System.getLogger(JobContainers.class.getName());

  private final Worker worker;
  private final TreeMounter mounter;
  private final Trees trees;
  private final JobScope job;

  public JobContainers(Worker worker, TreeMounter mounter, JobScope job) {
    this.worker = worker;
    this.mounter = mounter;
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
  public Sandbox open(Program program) throws InterruptedException {
    return Failures.wrap(
        "making the container",
        () -> {
          var mounts = new StepMounting(program.op(), program.inputs(), worker, trees);
          try {
            mounts.open(UNSEEN);
            return sandbox(program, mounts);
          } catch (IOException | InterruptedException | RuntimeException failure) {
            closeAfter(failure, mounts);
            throw failure;
          }
        });
  }

  private Opened sandbox(Program program, StepMounting mounts) throws IOException {
    var kept = new ArrayList<SandboxMount>();
    for (MountSpec each : program.op().mounts()) {
      SandboxMount tree = mounts.tree(each);
      if (tree != null && !kept.contains(tree)) {
        kept.add(tree);
      }
    }
    var trees = kept.stream().map(SandboxMount::mount).toList();
    return new Opened(program, mounts, kept, mounter.hold(worker.steps().next(), trees));
  }

  private static void closeAfter(Throwable failure, StepMounting mounts) {
    try {
      mounts.close();
    } catch (IOException left) {
      failure.addSuppressed(left);
    }
  }

  private void checkNetwork(NetMode real, Program program) {
    if (real == NetMode.HOST) {
      job.policy().require(new Entitlement.NetworkHost(), program.place());
    }
  }

  /** Mounts that are held. */
  private final class Opened implements Sandbox {
    private final Program asked;
    private final StepMounting mounts;
    private final List<SandboxMount> kept; // in the order of those that are held
    private final TreeMounter.Held held;

    Opened(Program asked, StepMounting mounts, List<SandboxMount> kept, TreeMounter.Held held) {
      this.asked = asked;
      this.mounts = mounts;
      this.kept = List.copyOf(kept);
      this.held = held;
    }

    @Override
    public int run(Program program, Attended output) throws InterruptedException {
      check(program);
      return Failures.wrap(
          "running the container",
          () -> run(program, new StepSecrets(program.op(), job.session()).open(), output));
    }

    private int run(Program program, Hidden hidden, Attended output)
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
        try {
          return worker
              .runner()
              .run(
                  new ProcessRequest(
                      id,
                      List.of(bound(new SandboxMount(mounts.root().getFirst(), "", "/")).mount()),
                      mounts.rootReadonly(),
                      mounts.others().stream().map(this::bound).toList(),
                      hidden,
                      op.meta(),
                      network,
                      op.security(),
                      null,
                      output));
        } finally {
          String name = program.place().toString();
          job.ledger().add(name, Bytes.utf8(name).digest(), StepTraffic.read(network));
        }
      }
    }

    private SandboxMount bound(SandboxMount mount) {
      Mount tree = held.bind(kept.indexOf(mount));
      return new SandboxMount(tree, mount.selector(), mount.dest());
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

    @Override
    public SandboxFiles files(int mount) {
      List<MountSpec> all = asked.op().mounts();
      if (mount < 0 || mount >= all.size()) {
        throw new BuildException(
            Code.INVALID,
            asked.place()
                + " has no mount "
                + mount
                + ": it has "
                + all.size()
                + ", counted from 0");
      }
      MountSpec named = all.get(mount);
      SandboxMount tree = mounts.tree(named);
      if (tree == null) {
        throw new BuildException(
            Code.INVALID,
            asked.place()
                + ": its mount "
                + mount
                + ", at '"
                + named.dest()
                + "', is of type "
                + named.type().name().toLowerCase(Locale.ROOT)
                + ": one file, which is not a directory");
      }
      return new HeldFiles(worker.kernel(), held, kept.indexOf(tree));
    }

    @Override
    public void close() {
      try (mounts) {
        held.close();
      } catch (IOException left) {
        LOG.log(Level.WARNING, asked.place() + ": something of it was left", left);
      }
    }
  }
}
