package dev.jbuild.llb.wire;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.LlbOp.FileOp;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;

/** Small graphs for tests. */
final class Samples {
  static final Platform AMD64 = new Platform("linux", "amd64", "");
  static final SourceInfo DOCKERFILE =
      new SourceInfo("Dockerfile", Bytes.utf8("FROM alpine\nRUN true\n"), "Dockerfile");

  private Samples() {}

  static OpNode alpine() {
    return node(
        new SourceOp(
            "docker-image://docker.io/library/alpine:3.20", Map.of("image.resolvemode", "pull")),
        List.of());
  }

  static OpNode run(OpNode base, String command) {
    return new OpNode(
        exec(command),
        List.of(base.output(0)),
        AMD64,
        OpMetadata.named("[1/1] RUN " + command),
        List.of(new SourceLocation(DOCKERFILE, List.of(new SourceRange(2, 0, 2, 8)))));
  }

  static ExecOp exec(String command) {
    return new ExecOp(
        new ExecMeta(
            List.of("/bin/sh", "-c", command),
            List.of("A=1"),
            "/",
            "",
            ExecMeta.ProxyEnv.NONE,
            List.of(),
            "",
            List.of(),
            "",
            false,
            List.of()),
        List.of(MountSpec.bind(0, "/", 0, false)),
        NetMode.SANDBOX,
        SecurityMode.SANDBOX,
        List.of(),
        List.of());
  }

  static FileOp mkdir(String path) {
    return new FileOp(
        List.of(
            new FileAction(-1, -1, 0, new FileAction.MakeDirectory(path, 0755, true, null, -1))));
  }

  static OpNode node(LlbOp op, List<OpNode.Output> inputs) {
    return new OpNode(op, inputs, AMD64, OpMetadata.NONE, List.of());
  }
}
