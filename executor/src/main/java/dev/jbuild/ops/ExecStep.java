package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.filetree.ContentHasher;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.session.Session;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.CacheMap.InputKey;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.solver.progress.VertexProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a step's process in a sandbox, in the network that its mode and the grants allow. */
final class ExecStep implements Op {
  private final EncodedOp encoded;
  private final LlbOp.ExecOp op;
  private final Worker worker;
  private final Trees trees;
  private final EntitlementPolicy policy;
  private final Session session;
  private final Place place;

  ExecStep(
      EncodedOp encoded,
      LlbOp.ExecOp op,
      Worker worker,
      Trees trees,
      EntitlementPolicy policy,
      Session session,
      Place place) {
    this.encoded = encoded;
    this.op = op;
    this.worker = worker;
    this.trees = trees;
    this.policy = policy;
    this.session = session;
    this.place = place;
  }

  @Override
  public CacheMap cacheMap(OpContext context) {
    var keys = new ArrayList<InputKey>();
    for (int i = 0; i < encoded.inputs().size(); i++) {
      keys.add(key(i));
    }
    return new CacheMap(ExecKey.of(op, encoded.platform()), keys, true);
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
          Hidden hidden = new StepSecrets(op, session).open();
          try (var mounts = new StepMounting(op, inputs, worker, trees)) {
            mounts.open(context.progress());
            run(context.progress(), mounts, hidden);
            return mounts.commit();
          }
        });
  }

  private void run(VertexProgress progress, StepMounting mounts, Hidden hidden)
      throws IOException, InterruptedException {
    String id = worker.steps().next();
    if (op.security() == SecurityMode.INSECURE) {
      policy.require(new Entitlement.SecurityInsecure(), place);
    }
    int code;
    try (NetworkHandle network =
        worker.networks().open(op.network(), new NetworkRequest(id), this::checkNetwork)) {
      code = worker.runner().run(request(id, network, progress, mounts, hidden));
    }
    List<Integer> valid = op.meta().validExitCodes();
    if (!(valid.isEmpty() ? code == 0 : valid.contains(code))) {
      throw new BuildException(
          Code.STEP_FAILED,
          "process \""
              + String.join(" ", op.meta().args())
              + "\" did not complete successfully: exit code: "
              + code,
          null,
          List.of(new Detail.ProcessExit(code)));
    }
  }

  private void checkNetwork(NetMode real) {
    if (real == NetMode.HOST) {
      policy.require(new Entitlement.NetworkHost(), place);
    }
  }

  private ProcessRequest request(
      String id,
      NetworkHandle network,
      VertexProgress progress,
      StepMounting mounts,
      Hidden hidden) {
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
        new Logs(progress));
  }

  /** The process's output as the step's log. */
  private record Logs(VertexProgress progress) implements ProcessRequest.Output {
    @Override
    public void stdout(byte[] bytes, int offset, int length) {
      progress.log(VertexProgress.Stream.STDOUT, bytes, offset, length);
    }

    @Override
    public void stderr(byte[] bytes, int offset, int length) {
      progress.log(VertexProgress.Stream.STDERR, bytes, offset, length);
    }
  }

  /** The first thing that is not offered yet, or null. */
  static @Nullable String unsupported(LlbOp.ExecOp op) {
    return op.devices().isEmpty() ? null : "a device";
  }
}
