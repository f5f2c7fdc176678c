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
    String name = origin.substring(Math.min(origin.length(), RepositoryBlobs.SCHEME.length()));
    int slash = name.indexOf('/');
    if (!origin.startsWith(RepositoryBlobs.SCHEME) || slash < 0) {
      return null;
    }
    var repository = new Repository(name.substring(0, slash), name.substring(slash + 1));
    return new RepositoryBlobs(client, repository);
  }
}
