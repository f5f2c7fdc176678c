package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.llb.Definition;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.solver.llb.ClientLimit;
import dev.jbuild.solver.policy.SourcePolicies;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A build as a client asks for it, read and not yet checked against grants.
 *
 * @param ref the client's id of the build
 * @param session id of the client's session, or empty
 * @param entitlements that the request grants, by id
 * @param network resolvers and egress rules; ports of the host come with the entitlements
 * @param policies about the build's sources
 * @param limit of the client that asks, null for none
 * @param facts for the build's record
 */
public record BuildRequest(
    String ref,
    String session,
    Origin origin,
    SortedSet<String> entitlements,
    NetworkPlan network,
    List<ExportRequest> exports,
    SourcePolicies policies,
    @Nullable ClientLimit limit,
    RequestFacts facts) {

  public BuildRequest {
    entitlements = Collections.unmodifiableSortedSet(new TreeSet<>(entitlements));
    exports = List.copyOf(exports);
  }

  /** Of a client that may have all that the daemon grants, and whose build nobody keeps. */
  public BuildRequest(
      String ref,
      String session,
      Origin origin,
      SortedSet<String> entitlements,
      NetworkPlan network,
      List<ExportRequest> exports) {
    this(
        ref,
        session,
        origin,
        entitlements,
        network,
        exports,
        SourcePolicies.NONE,
        null,
        RequestFacts.INTERNAL);
  }

  /** The same, asked by a client with a limit. */
  public BuildRequest limitedTo(@Nullable ClientLimit client) {
    return new BuildRequest(
        ref, session, origin, entitlements, network, exports, policies, client, facts);
  }

  /** Where the graph comes from. */
  public sealed interface Origin {}

  /** The client sent it. */
  public record FromDefinition(Definition definition) implements Origin {}

  /**
   * A frontend makes it.
   *
   * @param frontend such as {@code dockerfile.v0}
   */
  public record FromFrontend(String frontend, FrontendRequest request) implements Origin {}

  /**
   * The client makes it, while the build runs.
   *
   * @param request options and graphs, which the client has sent for all to see
   */
  public record FromClient(FrontendRequest request) implements Origin {}

  /**
   * One exporter that shall run.
   *
   * @param index in the request: names the output to the client
   * @param attrs by wire name; a present but empty value means something
   */
  public record ExportRequest(int index, String type, Map<String, String> attrs) {
    public ExportRequest {
      attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    }
  }
}
