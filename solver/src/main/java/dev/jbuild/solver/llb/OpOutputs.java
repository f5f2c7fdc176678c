package dev.jbuild.solver.llb;

import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import java.util.List;

/** What comes out of an op. */
public final class OpOutputs {
  private OpOutputs() {}

  /** How many outputs an op has. */
  public static int count(LlbOp op) {
    return switch (op) {
      case LlbOp.SourceOp source -> 1;
      case LlbOp.ExecOp exec -> mounts(exec).size();
      case LlbOp.FileOp file ->
          (int) file.actions().stream().filter(action -> action.output() >= 0).count();
      case LlbOp.MergeOp merge -> 1;
      case LlbOp.DiffOp diff -> 1;
      case LlbOp.BuildOp build -> 1;
      case LlbOp.PassthroughOp passthrough -> passthrough.outputs().size();
    };
  }

  /**
   * The mounts that are outputs of an exec op, in the order of its outputs. Secrets and ssh sockets
   * never are: clients leave their output unset, which reads as 0 (wire facts, section 8).
   */
  public static List<MountSpec> mounts(LlbOp.ExecOp exec) {
    return exec.mounts().stream().filter(OpOutputs::isOutput).toList();
  }

  private static boolean isOutput(MountSpec mount) {
    return mount.output() >= 0
        && switch (mount.type()) {
          case BIND, CACHE, TMPFS -> true;
          case SECRET, SSH -> false;
        };
  }
}
