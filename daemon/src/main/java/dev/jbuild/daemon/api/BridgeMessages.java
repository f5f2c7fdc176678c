package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.build.RequestNetwork;
import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.daemon.gateway.GatewayResult;
import dev.jbuild.daemon.gateway.NamedRef;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.Warning;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.llb.wire.DefinitionDecoder;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.llb.wire.SourceCodec;
import dev.jbuild.llb.wire.SourcePolicyCodec;
import dev.jbuild.oci.Bytes;
import dev.jbuild.solver.policy.SourcePolicies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import moby.buildkit.v1.frontend.CacheOptionsEntry;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.RefMap;
import moby.buildkit.v1.frontend.RefMapDeprecated;
import moby.buildkit.v1.frontend.Result;
import moby.buildkit.v1.frontend.SolveRequest;
import moby.buildkit.v1.frontend.SolveResponse;
import moby.buildkit.v1.frontend.WarnRequest;
import moby.buildkit.v1.sourcepolicy.Policy;

/** Reads and writes the gateway's larger messages. Source: reference wire-gateway, section 2. */
final class BridgeMessages {
  private final DefinitionDecoder decoder;

  BridgeMessages(DefinitionDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * What is to be solved.
   *
   * @throws BuildException INVALID when the request contradicts itself, UNIMPLEMENTED when it wants
   *     what is not offered
   */
  Gateway.Question question(SolveRequest request) {
    boolean graph = request.hasDefinition() && request.getDefinition().getDefCount() > 0;
    String frontend = request.getFrontend();
    if (graph && !frontend.isEmpty()) {
      throw new BuildException(
          Code.INVALID,
          "solve: the request has a definition and a frontend ('" + frontend + "'), want one");
    }
    if (graph) {
      return new Gateway.OfGraph(decoder.decode(request.getDefinition()));
    }
    if (frontend.isEmpty()) {
      return new Gateway.OfNothing();
    }
    var inputs = FrontendInputs.read(request.getFrontendInputsMap(), decoder);
    Map<String, String> options = RequestNetwork.forFrontend(request.getFrontendOptMap());
    return new Gateway.OfFrontend(frontend, new FrontendRequest(options, inputs));
  }

  /** The policies that a request brings along, which count beside those of the build. */
  static SourcePolicies policies(List<Policy> wire) {
    SourcePolicies policies = SourcePolicies.NONE;
    for (int i = 0; i < wire.size(); i++) {
      String origin = "source policy " + (i + 1) + " of the frontend's request";
      policies =
          policies.and(SourcePolicies.of(SourcePolicyCodec.decode(wire.get(i), origin), origin));
    }
    return policies;
  }

  /** The caches that the client wants to be used, as users call them. */
  static List<String> imports(SolveRequest request) {
    var imports = new ArrayList<String>();
    for (CacheOptionsEntry each : request.getCacheImportsList()) {
      imports.add(each.getAttrsOrDefault("ref", each.getType()));
    }
    return imports;
  }

  /** Old clients read other fields. */
  static SolveResponse response(GatewayResult<NamedRef> result, SolveRequest request) {
    if (!request.getAllowResultReturn()) {
      String id =
          result.roots() instanceof GatewayResult.Single<NamedRef> one ? one.root().id() : "";
      return SolveResponse.newBuilder().setRef(id).build();
    }
    var message = Result.newBuilder();
    boolean plain = !request.getAllowResultArrayRef();
    switch (result.roots()) {
      case GatewayResult.Nothing<NamedRef> nothing -> root(message, NamedRef.SCRATCH, plain);
      case GatewayResult.Single<NamedRef> one -> root(message, one.root(), plain);
      case GatewayResult.ByPlatform<NamedRef> several -> roots(message, several.roots(), plain);
    }
    result
        .metadata()
        .forEach((key, value) -> message.putMetadata(key, ByteString.copyFrom(value.toArray())));
    return SolveResponse.newBuilder().setResult(message).build();
  }

  private static void root(Result.Builder message, NamedRef root, boolean plain) {
    if (plain) {
      message.setRefDeprecated(root.id());
    } else {
      message.setRef(ref(root));
    }
  }

  private static void roots(Result.Builder message, Map<String, NamedRef> roots, boolean plain) {
    if (plain) {
      var map = RefMapDeprecated.newBuilder();
      roots.forEach((id, root) -> map.putRefs(id, root.id()));
      message.setRefsDeprecated(map);
    } else {
      var map = RefMap.newBuilder();
      roots.forEach((id, root) -> map.putRefs(id, ref(root)));
      message.setRefs(map);
    }
  }

  private static Ref ref(NamedRef root) {
    var ref = Ref.newBuilder().setId(root.id());
    if (root.definition().result() != null) {
      ref.setDef(DefinitionEncoder.toWire(root.definition()));
    }
    return ref.build();
  }

  /** What a client returns, by the ids of refs. */
  static GatewayResult<String> returned(Result result) {
    if (result.getAttestationsCount() > 0) {
      throw new BuildException(
          Code.UNIMPLEMENTED, "return: attestations of a frontend are not offered yet");
    }
    GatewayResult.Roots<String> roots =
        switch (result.getResultCase()) {
          case RESULT_NOT_SET -> new GatewayResult.Nothing<>();
          case REFDEPRECATED -> new GatewayResult.Single<>(result.getRefDeprecated());
          case REF -> new GatewayResult.Single<>(result.getRef().getId());
          case REFSDEPRECATED ->
              new GatewayResult.ByPlatform<>(
                  new TreeMap<>(result.getRefsDeprecated().getRefsMap()));
          case REFS -> {
            var ids = new TreeMap<String, String>();
            result.getRefs().getRefsMap().forEach((id, ref) -> ids.put(id, ref.getId()));
            yield new GatewayResult.ByPlatform<>(ids);
          }
        };
    var metadata = new LinkedHashMap<String, Bytes>();
    result
        .getMetadataMap()
        .forEach((key, value) -> metadata.put(key, Bytes.copyOf(value.toByteArray())));
    return new GatewayResult<>(roots, metadata);
  }

  static Warning warning(WarnRequest request) {
    var ranges = new ArrayList<SourceRange>();
    request.getRangesList().forEach(range -> ranges.add(SourceCodec.decode(range)));
    return new Warning(
        request.getLevel(),
        request.getShort().toStringUtf8(),
        request.getDetailList().stream().map(ByteString::toStringUtf8).toList(),
        request.getUrl(),
        SourceCodec.decode(request.getInfo()),
        ranges);
  }
}
