package dev.jbuild.registry;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What a name stands for in a registry, now.
 *
 * @param mediaType as the registry says; may be generic
 * @param body the document, verified, where it had to be read to know the digest; else null
 */
public record Resolved(Digest digest, String mediaType, @Nullable Bytes body) {}
