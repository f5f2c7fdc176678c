package dev.jbuild.solver.llb;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.Detail.Side;
import dev.jbuild.llb.CdiDevice;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides whether a step may have what it needs. The only place that does: asked when a request
 * comes, when a definition is loaded, and when the executor is about to give it (blueprint, section
 * 6).
 */
public final class EntitlementPolicy {
  private static final int MAX_NAMED = 10;

  private final Grants grants;

  /** Something that needs an entitlement. */
  public record Need(Entitlement entitlement, Place place) {}

  public EntitlementPolicy(Grants grants) {
    this.grants = grants;
  }

  /** What an op asks for, in the order of the list of entitlements. */
  public static List<Entitlement> needs(LlbOp op) {
    if (!(op instanceof LlbOp.ExecOp exec)) {
      return List.of();
    }
    var needs = new ArrayList<Entitlement>();
    if (exec.network() == NetMode.HOST) {
      needs.add(new Entitlement.NetworkHost());
    }
    if (exec.security() == SecurityMode.INSECURE) {
      needs.add(new Entitlement.SecurityInsecure());
    }
    for (CdiDevice device : exec.devices()) {
      needs.add(new Entitlement.Device(device.name()));
    }
    return needs;
  }

  /**
   * Returns when it is granted by both sides.
   *
   * @throws BuildException {@code PERMISSION_DENIED}, with the remedy in its text and a {@link
   *     Detail.MissingGrant} for each side that does not grant it
   */
  public void require(Entitlement needed, Place place) {
    require(List.of(new Need(needed, place)));
  }

  /** As for one; all that are refused are named. */
  public void require(List<Need> needs) {
    List<Need> refused =
        needs.stream().filter(need -> !grants.missing(need.entitlement).isEmpty()).toList();
    if (refused.isEmpty()) {
      return;
    }
    Set<Detail> details = new LinkedHashSet<>();
    for (Need need : refused) {
      for (Side side : grants.missing(need.entitlement)) {
        details.add(
            new Detail.MissingGrant(need.entitlement.id(), side, remedy(need.entitlement, side)));
      }
    }
    details.addAll(refused.getFirst().place.origin());
    throw new BuildException(
        Code.PERMISSION_DENIED,
        refusal(refused.getFirst()) + others(refused),
        null,
        List.copyOf(details));
  }

  private String refusal(Need need) {
    Set<Side> missing = grants.missing(need.entitlement);
    // What the reader can do alone comes first.
    var remedies =
        Stream.of(Side.REQUEST, Side.DAEMON)
            .filter(missing::contains)
            .map(side -> remedy(need.entitlement, side))
            .toList();
    String client = grants.clientWithout(need.entitlement);
    String daemon = client == null ? "the daemon" : "the daemon to " + client;
    String who =
        missing.size() == Side.values().length
            ? "which neither the request nor " + daemon + " grants: "
            : missing.contains(Side.REQUEST)
                ? "which the request does not grant: "
                : "which the daemon does not grant"
                    + (client == null ? "" : " to " + client)
                    + ": ";
    return need.place
        + " needs the entitlement "
        + need.entitlement.id()
        + ", "
        + who
        + String.join(", and ", remedies);
  }

  /** What else is refused: one round of granting shall be enough. */
  private static String others(List<Need> refused) {
    List<String> others =
        refused.stream()
            .skip(1)
            .map(need -> need.place + " (" + need.entitlement.id() + ")")
            .distinct()
            .toList();
    if (others.isEmpty()) {
      return "";
    }
    String named = String.join(", ", others.subList(0, Math.min(MAX_NAMED, others.size())));
    String more = others.size() > MAX_NAMED ? " and " + (others.size() - MAX_NAMED) + " more" : "";
    return "; also refused: " + named + more;
  }

  private String remedy(Entitlement entitlement, Side side) {
    String id = entitlement.id();
    if (side == Side.DAEMON && grants.clientWithout(entitlement) != null) {
      return "put 'entitlements = [\"" + id + "\"]' into its [[client]] table in jbuildd.toml";
    }
    return switch (side) {
      case REQUEST ->
          "build with '--allow "
              + id
              + "'"
              + (entitlement instanceof Entitlement.NetworkHost
                  ? " or, for the whole build, '--network=host'"
                  : "");
      case DAEMON ->
          "start the daemon with 'jbuildd --allow-insecure-entitlement "
              + id
              + "' or put 'insecure-entitlements = [\""
              + id
              + "\"]' into jbuildd.toml";
    };
  }
}
