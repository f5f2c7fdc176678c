package dev.jbuild.source.image;

import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.Repository;
import dev.jbuild.source.ImageBlobs;
import dev.jbuild.source.LayerFetches;
import org.jspecify.annotations.Nullable;

/**
 * Reads repositories with nobody's rights, for layers that no running build has named.
 *
 * @param client without credentials
 */
public record RegistryOrigins(RegistryClient client) implements LayerFetches.Fallback {

  @Override
  public @Nullable ImageBlobs open(String origin) {
    Repository repository = Repository.ofOrigin(origin);
    return repository == null ? null : new RepositoryBlobs(client, repository);
  }
}
