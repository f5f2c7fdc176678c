package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.BuildRequest;
import dev.jbuild.daemon.build.BuildRequest.ExportRequest;
import dev.jbuild.daemon.build.RequestFacts;
import dev.jbuild.daemon.build.RequestNetwork;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.llb.wire.DefinitionDecoder;
import dev.jbuild.llb.wire.SourcePolicyCodec;
import dev.jbuild.solver.policy.SourcePolicies;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import moby.buildkit.v1.Exporter;
import moby.buildkit.v1.SolveRequest;

/** Reads Solve requests. Source: reference wire-control, section 4. */
final class SolveRequests {
  private static final List<Long> COMPATIBILITY = List.of(0L, 10L, 20L, 30L);

  private final DefinitionDecoder decoder;

  SolveRequests(DefinitionDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * The request as records.
   *
   * @throws BuildException INVALID when it contradicts itself, UNIMPLEMENTED when it asks for
   *     something that is not offered
   */
  BuildRequest read(SolveRequest request) {
    if (request.getRef().isEmpty()) {
      throw new BuildException(Code.INVALID, "solve: the request has no Ref");
    }
    refuse(request);
    return new BuildRequest(
        request.getRef(),
        request.getSession(),
        origin(request),
        new TreeSet<>(request.getEntitlementsList()),
        RequestNetwork.of(request.getFrontendAttrsMap()),
        exports(request),
        policies(request),
        null,
        new RequestFacts(
            request.getFrontend(),
            request.getFrontendAttrsMap(),
            request.getInternal(),
            CacheRequests.skipped(request)));
  }

  private static SourcePolicies policies(SolveRequest request) {
    String origin = "the build's source policy";
    return request.hasSourcePolicy()
        ? SourcePolicies.of(SourcePolicyCodec.decode(request.getSourcePolicy(), origin), origin)
        : SourcePolicies.NONE;
  }

  private BuildRequest.Origin origin(SolveRequest request) {
    boolean graph = request.hasDefinition() && request.getDefinition().getDefCount() > 0;
    String frontend = request.getFrontend();
    if (graph && !frontend.isEmpty()) {
      throw new BuildException(
          Code.INVALID,
          "solve: the request has a definition and a frontend ('" + frontend + "'), want one");
    }
    if (graph) {
      return new BuildRequest.FromDefinition(decoder.decode(request.getDefinition()));
    }
    var asked =
        new FrontendRequest(
            RequestNetwork.forFrontend(request.getFrontendAttrsMap()),
            FrontendInputs.read(request.getFrontendInputsMap(), decoder));
    return frontend.isEmpty()
        ? new BuildRequest.FromClient(asked)
        : new BuildRequest.FromFrontend(frontend, asked);
  }

  /** Clients fill the deprecated pair beside the list: it counts only alone. */
  private static List<ExportRequest> exports(SolveRequest request) {
    var exports = new ArrayList<ExportRequest>();
    for (Exporter exporter : request.getExportersList()) {
      exports.add(new ExportRequest(exports.size(), exporter.getType(), exporter.getAttrsMap()));
    }
    if (exports.isEmpty() && !request.getExporterDeprecated().isEmpty()) {
      exports.add(
          new ExportRequest(
              0, request.getExporterDeprecated(), request.getExporterAttrsDeprecatedMap()));
    }
    return exports;
  }

  private static void refuse(SolveRequest request) {
    if (!request.getSourcePolicySession().isEmpty()) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "solve: a source policy that the client's session decides (SourcePolicySession) is not"
              + " offered yet; send its rules as SourcePolicy");
    }
    if (request.getProxyNetwork()) {
      throw new BuildException(Code.UNIMPLEMENTED, "solve: the proxy network is not offered yet");
    }
    if (!COMPATIBILITY.contains(request.getCompatibilityVersion())) {
      throw new BuildException(
          Code.INVALID,
          "solve: unsupported compatibility version "
              + request.getCompatibilityVersion()
              + ", supported are 10, 20 and 30");
    }
  }
}
