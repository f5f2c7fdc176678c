package dev.jbuild.diff;

import dev.jbuild.oci.Digest;

/**
 * A layer as a blob in the content store.
 *
 * @param diffId digest of the uncompressed tar
 * @param digest of the blob as stored
 * @param sizeBytes of the blob
 */
public record LayerBlob(Digest diffId, Digest digest, long sizeBytes, Compression compression) {}
