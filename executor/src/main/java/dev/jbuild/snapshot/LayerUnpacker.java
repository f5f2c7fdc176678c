package dev.jbuild.snapshot;

import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;

/** Turns layer blobs of the content store into directories of differences. Thread-safe. */
public interface LayerUnpacker {

  /**
   * Unpacks into an empty directory, without the layers below, so that layers can be unpacked side
   * by side.
   *
   * @param blob in the content store
   */
  Unpacked unpack(Descriptor blob, Path directory) throws IOException;

  /** What was unpacked, before it has seen the layers below. */
  interface Unpacked {

    /** Digest of the decompressed stream. */
    Digest diffId();

    /**
     * Makes the directory fit what lies below: paths that the tar took for granted get the owner,
     * mode and place that the layers below give them.
     *
     * @param lower the layers below, merged
     */
    void fit(MergedTree lower) throws IOException;
  }
}
