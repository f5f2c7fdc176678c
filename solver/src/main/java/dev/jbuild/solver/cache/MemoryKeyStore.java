package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** A store that is empty at each start: for tests, and for builds that shall leave nothing. */
public final class MemoryKeyStore implements CacheKeyStore {
  private final KeyIndex index =
      new KeyIndex(
          new KeyIndex.Tables(
              new ConcurrentHashMap<>(),
              new ConcurrentHashMap<>(),
              new ConcurrentHashMap<>(),
              new ConcurrentHashMap<>()));

  @Override
  public Optional<CacheRecord> lookup(Digest id) {
    return index.lookup(id);
  }

  @Override
  public void record(List<CacheRecord> records, List<Alias> aliases) {
    index.record(records, aliases);
  }

  @Override
  public void alias(Alias alias) {
    index.alias(alias);
  }

  @Override
  public void forget(CacheRecord record) {
    index.forget(record);
  }

  @Override
  public List<Digest> aliases(Digest canonical) {
    return index.aliases(canonical);
  }

  @Override
  public Optional<CacheRecord> nearest(CacheRecord wanted) {
    return index.nearest(wanted);
  }

  @Override
  public int sweep(Predicate<CacheRecord> gone) {
    List<CacheRecord> lost = index.records().stream().filter(gone).toList();
    lost.forEach(index::forget);
    return lost.size();
  }
}
