package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;

/** Another id under which a record is found. */
public record Alias(Digest id, Digest canonical) {}
