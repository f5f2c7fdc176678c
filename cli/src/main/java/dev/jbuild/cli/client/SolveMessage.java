package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.SolveRequest;

/**
 * A plan as a Solve request. What the daemon can not fetch travels as an input of the frontend: a
 * graph that makes it from nothing.
 */
final class SolveMessage {
  private static final String FRONTEND = "dockerfile.v0";
  private static final int TEXT_LIMIT_BYTES = 4 << 20;
  private static final int FILE_MODE = 0644;
  private static final int DIRECTORY_MODE = 0755;

  private SolveMessage() {}

  /** For a daemon that reaches the client's files through a session. */
  static SolveRequest withSession(BuildPlan plan, String ref, String session) {
    var request = common(plan, ref).setSession(session);
    if (plan.dockerfile() instanceof BuildPlan.DockerfileText inline) {
      addDockerfile(request, inline.name(), inline.text());
    }
    return request.build();
  }

  /** For a daemon that has no way to the client's files: the Dockerfile goes along. */
  static SolveRequest alone(BuildPlan plan, String ref) {
    var request = common(plan, ref);
    switch (plan.dockerfile()) {
      case BuildPlan.DockerfileText inline -> addDockerfile(request, inline.name(), inline.text());
      case BuildPlan.DockerfileInContext inContext -> {}
      case BuildPlan.DockerfileAt at ->
          addDockerfile(request, at.name(), read(at.directory().resolve(at.name())));
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

  private static Bytes read(Path file) {
    try {
      if (Files.size(file) > TEXT_LIMIT_BYTES) {
        throw new BuildException(
            Code.INVALID, "Dockerfile '" + file + "': more than 4 MiB are not read");
      }
      return Bytes.copyOf(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "Dockerfile '" + file + "' can not be read: " + e, e);
    }
  }
}
