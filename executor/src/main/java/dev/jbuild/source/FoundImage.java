package dev.jbuild.source;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import java.util.List;

/**
 * An image for one platform: its documents are read, its layers are not.
 *
 * @param rootDigest what the name stood for: the index, or the manifest itself
 * @param manifestDigest of the manifest for the platform
 * @param configJson as received
 * @param layers base first, one for each diff id of the config
 */
public record FoundImage(
    Digest rootDigest,
    Digest manifestDigest,
    ImageConfig config,
    Bytes configJson,
    List<Descriptor> layers) {
  public FoundImage {
    layers = List.copyOf(layers);
  }
}
