package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.llb.wire.SourcePolicyCodec;
import dev.jbuild.oci.Bytes;
import dev.jbuild.sourcepolicy.SourcePolicy;
import java.util.List;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.SolveRequest;

/**
 * A plan as a Solve request. Text that is in no file travels as an input of the frontend: a graph
 * that makes it from nothing.
 */
final class SolveMessage {
  private static final String FRONTEND = "dockerfile.v0";
  private static final int FILE_MODE = 0644;
  private static final int DIRECTORY_MODE = 0755;

  private SolveMessage() {}

  /** The daemon reaches the client's files through the session. */
  static SolveRequest of(BuildPlan plan, String ref, String session) {
    var request = common(plan, ref).setSession(session);
    if (plan.dockerfile() instanceof BuildPlan.DockerfileText inline) {
      addDockerfile(request, inline.name(), inline.text());
    }
    return request.build();
  }

  private static SolveRequest.Builder common(BuildPlan plan, String ref) {
    var request =
        SolveRequest.newBuilder()
            .setRef(ref)
            .setFrontend(FRONTEND)
            .putAllFrontendAttrs(plan.attrs())
            .addAllEntitlements(plan.entitlements());
    SourcePolicy policy = plan.sourcePolicy();
    if (policy != null) {
      request.setSourcePolicy(SourcePolicyCodec.encode(policy));
    }
    for (OutputSpec output : plan.outputs()) {
      request.addExporters(
          Exporter.newBuilder().setType(output.type()).putAllAttrs(output.attrs()));
    }
    if (plan.context() instanceof BuildPlan.EmptyContext) {
      var root = new FileAction.MakeDirectory("/", DIRECTORY_MODE, true, null, -1);
      addInput(request, "context", root, "[internal] empty build context");
    }
    return request;
  }

  private static void addDockerfile(SolveRequest.Builder request, String name, Bytes text) {
    var file = new FileAction.MakeFile("/" + name, FILE_MODE, text, null, -1);
    addInput(request, "dockerfile", file, "[internal] load build definition from " + name);
  }

  private static void addInput(
      SolveRequest.Builder request, String input, FileAction.Change change, String name) {
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, -1, 0, change)));
    var node = new OpNode(op, List.of(), null, OpMetadata.named(name), List.of());
    request.putFrontendInputs(
        input, DefinitionEncoder.toWire(DefinitionEncoder.encode(node.output(0))));
  }
}
