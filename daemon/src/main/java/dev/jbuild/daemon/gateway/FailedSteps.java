package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.MountSpec;
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

  FailedSteps(RefTable refs) {
    this.refs = refs;
  }

  /**
   * The same failure; the detail of its op has the refs.
   *
   * @param graphs that were solved
   */
  BuildException described(BuildException failure, List<Definition> graphs) {
    var details = new ArrayList<Detail>();
    for (Detail detail : failure.details()) {
      details.add(detail instanceof Detail.FailedOp op ? described(op, graphs) : detail);
    }
    return new BuildException(failure.code(), failure.message(), failure, details);
  }

  private Detail described(Detail.FailedOp failed, List<Definition> graphs) {
    for (Definition graph : graphs) {
      for (int i = 0; i < graph.ops().size(); i++) {
        EncodedOp op = graph.ops().get(i);
        if (op.bytes().equals(failed.op())) {
          return described(failed, op, graph.ops().subList(0, i));
        }
      }
    }
    return failed;
  }

  /**
   * What a step changed before it failed is gone: its mounts show what they showed at first.
   *
   * @param before what the op's inputs are among
   */
  private Detail described(Detail.FailedOp failed, EncodedOp op, List<EncodedOp> before) {
    var inputs = new ArrayList<String>();
    if (!(op.op() instanceof ExecOp exec)) {
      op.inputs().forEach(input -> inputs.add(ref(input, before)));
      return new Detail.FailedOp(failed.op(), inputs, List.of(), failed.description());
    }
    for (MountSpec mount : exec.mounts()) {
      boolean none = mount.input() < 0 || mount.input() >= op.inputs().size();
      inputs.add(none ? "" : ref(op.inputs().get((int) mount.input()), before));
    }
    return new Detail.FailedOp(failed.op(), inputs, inputs, failed.description());
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
