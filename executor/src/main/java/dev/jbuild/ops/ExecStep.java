package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.filetree.ContentHasher;
import dev.jbuild.llb.Attempts;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.oci.Digest;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.CacheMap.InputKey;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.Place;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a step's process in a sandbox, in the network that its mode and the grants allow. */
final class ExecStep implements Op {
  /** As the program timeout(1) ends when it has stopped another. */
  private static final int STOPPED = 124;

  private final EncodedOp encoded;
  private final LlbOp.ExecOp op;
  private final Worker worker;
  private final Trees trees;
  private final JobScope job;
  private final Place place;
  private final Attempts attempts;

  /**
   * @throws BuildException INVALID when the op's attempts can not be
   */
  ExecStep(
      EncodedOp encoded, LlbOp.ExecOp op, Worker worker, Trees trees, JobScope job, Place place) {
    this.encoded = encoded;
    this.op = op;
    this.worker = worker;
    this.trees = trees;
    this.job = job;
    this.place = place;
    try {
      this.attempts = Attempts.of(encoded.metadata().description());
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, place + ": " + e.getMessage(), e, place.origin());
    }
  }

  @Override
  public CacheMap cacheMap(OpContext context) {
    var keys = new ArrayList<InputKey>();
    for (int i = 0; i < encoded.inputs().size(); i++) {
      keys.add(key(i));
    }
    Digest independent = ExecKey.independent(op, encoded.platform());
    String surroundings = worker.networks().surroundings();
    Digest full = ExecKey.inNetwork(independent, op.network(), job.network(), surroundings);
    return new CacheMap(full, independent, keys, true);
  }

  /** An input that is only read, at one place, counts by what is there. */
  private InputKey key(int input) {
    MountSpec only = null;
    for (MountSpec mount : op.mounts()) {
      if (mount.input() == input) {
        if (only != null || !countsByContent(mount)) {
          return InputKey.WHOLE;
        }
        only = mount;
      }
    }
    if (only == null) {
      return InputKey.WHOLE;
    }
    String selector = only.selector();
    return new InputKey(
        "mount:" + selector,
        result ->
            Failures.wrap(
                "hashing files", () -> new ContentHasher(trees.tree(result)).of(selector)));
  }

  private static boolean countsByContent(MountSpec mount) {
    return mount.type() == MountSpec.Type.BIND
        && mount.readonly()
        && !mount.dest().equals("/")
        && mount.contentCache() != MountSpec.ContentCache.OFF;
  }

  @Override
  public List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException {
    return Failures.wrap(
        "running the step",
        () -> {
          Hidden hidden = new StepSecrets(op, job.session()).open();
          var logs = new StepLogs(context.progress());
          return new StepAttempts(attempts, logs).run(() -> attempt(context, inputs, hidden, logs));
        });
  }

  private List<Result> attempt(OpContext context, List<Result> inputs, Hidden hidden, StepLogs logs)
      throws IOException, InterruptedException {
    try (var mounts = new StepMounting(op, inputs, worker, trees)) {
      mounts.open(context.progress());
      try {
        run(context, mounts, hidden, logs);
      } catch (BuildException failure) {
        if (failure.code() == Code.STEP_FAILED) {
          job.keep(encoded.digest(), mounts.leave()); // somebody may want to look into it
        }
        throw failure;
      }
      return mounts.commit();
    }
  }

  private void run(OpContext context, StepMounting mounts, Hidden hidden, StepLogs logs)
      throws IOException, InterruptedException {
    String id = worker.steps().next();
    if (op.security() == SecurityMode.INSECURE) {
      job.policy().require(new Entitlement.SecurityInsecure(), place);
    }
    try (NetworkHandle network =
        worker
            .networks()
            .networks()
            .open(op.network(), new NetworkRequest(id, job.network()), this::checkNetwork)) {
      notice(network.notice(), logs);
      finish(context, request(id, network, logs, mounts, hidden), logs);
    }
  }

  private void finish(OpContext context, ProcessRequest request, StepLogs logs)
      throws IOException, InterruptedException {
    NetworkHandle network = request.network();
    var traffic = new StepTraffic(encoded, job.ledger(), worker.networks().diagnosis());
    int code;
    try {
      code = new TimeLimit(attempts.timeout()).run(() -> worker.runner().run(request));
    } catch (TimeLimit.ExceededException late) {
      NetworkReport report = traffic.told(network, logs);
      throw stopped(late, traffic.hints(report, network));
    } catch (InterruptedIOException cancelled) {
      throw cancelled;
    } catch (IOException | RuntimeException failure) {
      traffic.told(network, logs);
      throw failure;
    }
    NetworkReport report = traffic.told(network, logs);
    List<Integer> valid = op.meta().validExitCodes();
    if (!(valid.isEmpty() ? code == 0 : valid.contains(code))) {
      throw new BuildException(
          Code.STEP_FAILED,
          process()
              + " did not complete successfully: exit code: "
              + code
              + traffic.hints(report, network),
          null,
          List.of(new Detail.ProcessExit(code)));
    }
    // With all rights a process can leave the group that is watched.
    if (report.sameElsewhere()
        && op.security() != SecurityMode.INSECURE
        && !NetworkWords.in(op.meta())) {
      context.independent();
      notice(unused(report), logs);
    }
  }

  private String process() {
    return "process \"" + String.join(" ", op.meta().args()) + "\"";
  }

  private BuildException stopped(TimeLimit.ExceededException late, String hints) {
    return new BuildException(
        Code.STEP_FAILED,
        process() + " was stopped: " + late.getMessage() + hints,
        late,
        List.of(new Detail.ProcessExit(STOPPED)));
  }

  /** A step that asked for the host's network in its own line, and proved not to need it. */
  private String unused(NetworkReport report) {
    return report.mode() == NetMode.HOST && encoded.displayName().contains(" --network=host")
        ? "HostNetworkNotUsed: this step has the host's network and opened no socket; its"
            + " '--network=host' can be left out"
        : "";
  }

  private static void notice(String sentence, StepLogs logs) {
    logs.lines(sentence.isEmpty() ? List.of() : List.of("note: " + sentence));
  }

  private void checkNetwork(NetMode real) {
    if (real == NetMode.HOST) {
      job.policy().require(new Entitlement.NetworkHost(), place);
    }
  }

  private ProcessRequest request(
      String id, NetworkHandle network, StepLogs logs, StepMounting mounts, Hidden hidden) {
    return new ProcessRequest(
        id,
        mounts.root(),
        mounts.rootReadonly(),
        mounts.others(),
        hidden,
        op.meta(),
        network,
        op.security(),
        encoded.metadata().linuxResources(),
        logs);
  }

  /** The first thing that is not offered yet, or null. */
  static @Nullable String unsupported(LlbOp.ExecOp op) {
    return op.devices().isEmpty() ? null : "a device";
  }
}
