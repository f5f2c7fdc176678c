package dev.jbuild.solver.llb;

import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Bytes;
import java.util.List;
import java.util.Map;

/** Ops for tests; the bytes are only a text that tells them apart. */
final class Ops {
  static final SourceInfo DOCKERFILE =
      new SourceInfo("Dockerfile", Bytes.utf8("FROM scratch\nRUN true\n"), "Dockerfile");

  private Ops() {}

  static EncodedOp encoded(String text, LlbOp op, OpRef... inputs) {
    return encoded(text, op, OpMetadata.named(text), List.of(), inputs);
  }

  static EncodedOp encoded(
      String text, LlbOp op, OpMetadata metadata, List<SourceLocation> locations, OpRef... inputs) {
    Bytes bytes = Bytes.utf8(text);
    return new EncodedOp(bytes.digest(), bytes, op, List.of(inputs), null, metadata, locations);
  }

  static EncodedOp atLine(int line, String text, LlbOp op, OpRef... inputs) {
    var location = new SourceLocation(DOCKERFILE, List.of(new SourceRange(line, 0, line, 8)));
    return encoded(text, op, OpMetadata.named(text), List.of(location), inputs);
  }

  static EncodedOp ignoringCache(String text, LlbOp op, OpRef... inputs) {
    var metadata =
        new OpMetadata(true, Map.of(OpMetadata.CUSTOM_NAME, text), null, Map.of(), null, null);
    return encoded(text, op, metadata, List.of(), inputs);
  }

  static OpRef ref(EncodedOp op) {
    return new OpRef(op.digest(), 0);
  }

  static Definition definition(EncodedOp... ops) {
    return new Definition(List.of(ops), ref(ops[ops.length - 1]));
  }

  static LlbOp source() {
    return new LlbOp.SourceOp("docker-image://docker.io/library/alpine:3", Map.of());
  }

  static LlbOp.ExecOp exec(NetMode network, SecurityMode security, MountSpec... mounts) {
    return exec(List.of("true"), network, security, mounts);
  }

  static LlbOp.ExecOp exec(
      List<String> args, NetMode network, SecurityMode security, MountSpec... mounts) {
    var meta =
        new ExecMeta(
            args,
            List.of(),
            "/",
            "",
            ExecMeta.ProxyEnv.NONE,
            List.of(),
            "",
            List.of(),
            "",
            false,
            List.of());
    return new LlbOp.ExecOp(meta, List.of(mounts), network, security, List.of(), List.of());
  }

  static LlbOp.ExecOp exec(MountSpec... mounts) {
    return exec(NetMode.SANDBOX, SecurityMode.SANDBOX, mounts);
  }

  static MountSpec root(long input) {
    return MountSpec.bind(input, "/", 0, false);
  }
}
