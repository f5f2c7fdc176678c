package dev.jbuild.source.image;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;

/**
 * What a frontend is told of an image.
 *
 * @param reference with the digest, so that it stays the same image
 * @param digest of the manifest for the platform
 * @param rootDigest of what the name stands for: an index, or the manifest itself
 * @param config JSON as received
 */
public record ResolvedImage(String reference, Digest digest, Digest rootDigest, Bytes config) {}
