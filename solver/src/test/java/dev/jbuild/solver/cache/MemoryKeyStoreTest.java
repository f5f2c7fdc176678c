package dev.jbuild.solver.cache;

import java.nio.file.Path;

final class MemoryKeyStoreTest extends CacheKeyStoreContract {
  @Override
  protected CacheKeyStore create(Path directory) {
    return new MemoryKeyStore();
  }
}
