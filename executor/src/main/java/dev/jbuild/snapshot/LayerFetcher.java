package dev.jbuild.snapshot;

import dev.jbuild.oci.Descriptor;
import java.io.IOException;

/**
 * Brings the blobs of lazy layers into the content store; implemented by what knows registries.
 * Safe for use by several threads.
 */
public interface LayerFetcher {

  /**
   * Makes sure that a blob is in the content store, whose bytes then have the blob's digest.
   *
   * @param origin where it was said to be when the layer was registered
   * @throws dev.jbuild.error.BuildException when it is not there, or not what it should be
   */
  void fetch(Descriptor blob, String origin) throws IOException, InterruptedException;
}
