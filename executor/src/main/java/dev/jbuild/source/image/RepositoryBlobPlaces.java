package dev.jbuild.source.image;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.Repository;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.blob.BlobPlaces;
import java.io.IOException;

/**
 * Blobs of registries: {@code docker-image+blob://REPOSITORY@sha256:...}.
 *
 * @param client with the rights of the job's client
 */
public record RepositoryBlobPlaces(RegistryClient client) implements BlobPlaces {

  @Override
  public String scheme() {
    return "docker-image+blob";
  }

  @Override
  public NamedBlob named(SourceRequest request) {
    ImageRef name;
    try {
      name = ImageRef.parse(request.rest());
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, String.valueOf(e.getMessage()), e);
    }
    Digest digest = name.digest();
    if (digest == null) {
      throw new BuildException(
          Code.INVALID,
          "'"
              + request.identifier()
              + "': a blob is named by its digest, want '"
              + scheme()
              + "://REPOSITORY@sha256:...'");
    }
    return new Named(client, new Repository(name.domain(), name.path()), digest);
  }

  private record Named(RegistryClient client, Repository repository, Digest digest)
      implements NamedBlob {
    @Override
    public void bring(ContentStore store, TransferProgress progress)
        throws IOException, InterruptedException {
      client.pull(repository, digest, store, progress);
    }
  }
}
