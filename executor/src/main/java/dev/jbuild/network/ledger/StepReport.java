package dev.jbuild.network.ledger;

import dev.jbuild.oci.Digest;

/**
 * What one step of a build did in its network.
 *
 * @param name as users see it
 * @param digest of the step's vertex
 */
public record StepReport(String name, Digest digest, NetworkReport report) {}
