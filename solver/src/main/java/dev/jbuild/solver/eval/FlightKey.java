package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;

/**
 * What must not run twice at the same time.
 *
 * @param scope empty for all jobs, else the id of the only job that it is for
 */
record FlightKey(String scope, Digest run) {}
