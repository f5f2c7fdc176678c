package dev.jbuild.daemon.gateway;

import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.solver.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives refs of what a failed step worked on to the client that asked for it, so that it can look
 * at them or make a container of them. Safe for use by several threads.
 */
final class FailedSteps {
  private final RefTable refs;
  private final ConcurrentHashMap<OpRef, String> given = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<OpRef, String> ends = new ConcurrentHashMap<>(); // by mount

  FailedSteps(RefTable refs) {
    this.refs = refs;
  }

  /**
   * The same failure; the detail of its op has the refs.
   *
   * @param graphs that were solved
   */
  BuildException described(BuildException failure, List<Definition> graphs, BuildRun build) {
    var details = new ArrayList<Detail>();
    for (Detail detail : failure.details()) {
      details.add(detail instanceof Detail.FailedOp op ? described(op, graphs, build) : detail);
    }
    return new BuildException(failure.code(), failure.message(), failure, details);
  }

  private Detail described(Detail.FailedOp failed, List<Definition> graphs, BuildRun build) {
    for (Definition graph : graphs) {
      for (int i = 0; i < graph.ops().size(); i++) {
        EncodedOp op = graph.ops().get(i);
        if (op.bytes().equals(failed.op())) {
          return described(failed, op, graph.ops().subList(0, i), build);
        }
      }
    }
    return failed;
  }

  /**
   * A step's mounts show what it has left there, if that is known.
   *
   * @param before what the op's inputs are among
   */
  private Detail described(
      Detail.FailedOp failed, EncodedOp op, List<EncodedOp> before, BuildRun build) {
    var inputs = new ArrayList<String>();
    if (!(op.op() instanceof ExecOp exec)) {
      op.inputs().forEach(input -> inputs.add(ref(input, before)));
      return new Detail.FailedOp(failed.op(), inputs, List.of(), failed.description());
    }
    var ends = new ArrayList<String>();
    for (int i = 0; i < exec.mounts().size(); i++) {
      MountSpec mount = exec.mounts().get(i);
      boolean none = mount.input() < 0 || mount.input() >= op.inputs().size();
      OpRef input = none ? null : op.inputs().get((int) mount.input());
      inputs.add(input == null ? "" : ref(input, before));
      Definition first =
          input == null || before.isEmpty() ? Definition.SCRATCH : new Definition(before, input);
      ends.add(isWritten(mount) ? end(op, i, first, build) : inputs.getLast());
    }
    return new Detail.FailedOp(failed.op(), inputs, ends, failed.description());
  }

  /** What is only read is at the end what it was at first. */
  private static boolean isWritten(MountSpec mount) {
    return mount.type() == MountSpec.Type.BIND && !mount.readonly();
  }

  private String end(EncodedOp op, int mount, Definition first, BuildRun build) {
    return ends.computeIfAbsent(
        new OpRef(op.digest(), mount),
        wanted -> {
          try {
            return refs.add(
                () -> {
                  Result left = build.left(op.digest(), mount);
                  return left == null ? build.solve(first) : left;
                });
          } catch (BuildException full) {
            if (full.code() != Code.RESOURCE_EXHAUSTED) {
              throw full;
            }
            return "";
          }
        });
  }

  /** A client that asks again and again does not fill the table. */
  private String ref(OpRef input, List<EncodedOp> before) {
    return given.computeIfAbsent(
        input,
        wanted -> {
          try {
            return refs.add(new Definition(before, wanted)).id();
          } catch (BuildException full) {
            if (full.code() != Code.RESOURCE_EXHAUSTED) {
              throw full;
            }
            return "";
          }
        });
  }
}
