package dev.jbuild.source;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import java.io.IOException;

/**
 * Where the parts of an image are: a repository of a registry, a layout directory. What comes from
 * it has been verified against its digest. Safe for use by several threads.
 */
public interface ImageBlobs {

  /** Names the place, for as long as the layers found there are known: {@code docker.io/a/b}. */
  String origin();

  /** A manifest or index, at most 4 MiB. */
  Bytes document(Digest digest, TransferProgress progress) throws IOException, InterruptedException;

  /** Brings a blob into the store unless it is there. */
  void bring(Descriptor blob, ContentStore store, TransferProgress progress)
      throws IOException, InterruptedException;
}
