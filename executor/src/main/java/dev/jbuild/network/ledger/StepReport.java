package dev.jbuild.network.ledger;

import dev.jbuild.oci.Digest;

/**
 * What one step of a build, or one container of its client, did in its network.
 *
 * @param name as users see it
 * @param digest of the step's vertex; of its name for a container, which has none
 */
public record StepReport(String name, Digest digest, NetworkReport report) {}
