package dev.jbuild.daemon.build;

import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.session.Session;
import dev.jbuild.solver.llb.EntitlementPolicy;

/**
 * What belongs to one build and its ops need.
 *
 * @param policy with the grants of both sides
 * @param network what the build asks for beyond the modes
 */
public record BuildScope(
    String ref, Session session, EntitlementPolicy policy, NetworkPlan network) {}
