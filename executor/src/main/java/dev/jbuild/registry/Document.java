package dev.jbuild.registry;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;

/**
 * A manifest or index as received.
 *
 * @param digest of {@code body}
 * @param mediaType as the registry says; may be generic
 */
public record Document(Digest digest, String mediaType, Bytes body) {}
