package dev.jbuild.source.blob;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;

/** Where blobs of one scheme are. Safe for use by several threads. */
public interface BlobPlaces {

  /** What identifiers begin with, without {@code ://}. */
  String scheme();

  /**
   * Reads an identifier; nothing is asked for.
   *
   * @throws dev.jbuild.error.BuildException INVALID when it names no blob
   */
  NamedBlob named(SourceRequest request);

  /** A blob of which only the digest is known. */
  interface NamedBlob {
    Digest digest();

    /**
     * Brings it into a store unless it is there.
     *
     * @throws dev.jbuild.error.BuildException NOT_FOUND when there is none; DATA_LOSS when what
     *     comes has another digest
     */
    void bring(ContentStore store, TransferProgress progress)
        throws IOException, InterruptedException;
  }
}
