package dev.jbuild.source.image;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.Repository;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.source.ImageBlobs;
import java.io.IOException;

/** The blobs of a repository, read with one client's rights. */
record RepositoryBlobs(RegistryClient client, Repository repository) implements ImageBlobs {

  @Override
  public String origin() {
    return repository.origin();
  }

  @Override
  public Bytes document(Digest digest, TransferProgress progress) throws InterruptedException {
    return client.document(repository, digest, progress).body();
  }

  @Override
  public void bring(Descriptor blob, ContentStore store, TransferProgress progress)
      throws IOException, InterruptedException {
    client.pull(repository, blob.digest(), blob.sizeBytes(), store, progress);
  }
}
