package dev.jbuild.ops;

import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.oci.Bytes;
import java.util.List;

/** Steps for tests: without mounts, so that no storage is touched. */
final class Steps {
  private Steps() {}

  static LlbOp.ExecOp exec(NetMode mode, String... args) {
    var meta =
        new ExecMeta(
            List.of(args.length == 0 ? new String[] {"true"} : args),
            List.of(),
            "",
            "",
            ExecMeta.ProxyEnv.NONE,
            List.of(),
            "",
            List.of(),
            "",
            false,
            List.of());
    return new LlbOp.ExecOp(meta, List.of(), mode, SecurityMode.SANDBOX, List.of(), List.of());
  }

  static EncodedOp encoded(LlbOp.ExecOp op, String name) {
    Bytes bytes = Bytes.utf8(name);
    return new EncodedOp(
        bytes.digest(), bytes, op, List.of(), null, OpMetadata.named(name), List.of());
  }
}
