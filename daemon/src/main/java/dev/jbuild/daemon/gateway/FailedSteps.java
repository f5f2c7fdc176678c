package dev.jbuild.daemon.gateway;

import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.LlbLoader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives clients refs by which they can look into a step that failed. */
record FailedSteps(RefTable refs, FailureNotes notes) {

  /** The failure with what its step stood on, where a process failed. */
  BuildException noted(BuildException failure, List<Definition> graphs, BuildRun build) {
    if (failure.code() != Code.STEP_FAILED) {
      return failure;
    }
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.FailedVertex vertex) {
        for (Definition graph : graphs) {
          EncodedOp op = find(graph, vertex);
          if (op != null && op.op() instanceof ExecOp exec) {
            return failure.with(note(graph, op, exec, build));
          }
        }
      }
    }
    return failure;
  }

  private static @Nullable EncodedOp find(Definition graph, Detail.FailedVertex vertex) {
    for (EncodedOp op : graph.ops()) {
      if (LlbLoader.digest(op).toString().equals(vertex.digest())) {
        return op;
      }
    }
    return null;
  }

  private Detail note(Definition graph, EncodedOp op, ExecOp exec, BuildRun build) {
    var inputs = new ArrayList<String>();
    var ends = new ArrayList<String>();
    for (int i = 0; i < exec.mounts().size(); i++) {
      MountSpec mount = exec.mounts().get(i);
      Definition input =
          mount.input() < 0
              ? Definition.SCRATCH
              : new Definition(graph.ops(), op.inputs().get(Math.toIntExact(mount.input())));
      inputs.add(refs.add(input).id());
      ends.add(mount.type() == MountSpec.Type.BIND ? end(op, i, input, build) : inputs.get(i));
    }
    return notes.of(op.bytes(), inputs, ends);
  }

  private String end(EncodedOp op, int mount, Definition input, BuildRun build) {
    return refs.add(
        () -> {
          Result left = build.left(op.digest(), mount);
          return left == null ? build.solve(input) : left;
        });
  }
}
