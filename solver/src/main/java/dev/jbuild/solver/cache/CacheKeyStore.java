package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Remembers which results were made under which ids. It may forget, it never lies: losing a record
 * costs time, a wrong one costs a wrong image. So no method fails a build: a store that cannot read
 * or write tells the operator and goes on as if empty. An id names a record or is an alias of one,
 * never both. Safe for use by several threads; interruption does no harm to it.
 */
public interface CacheKeyStore {

  /** How many aliases are kept for one record; the oldest are forgotten. */
  int MAX_ALIASES = 32;

  /** The record of this id or of what it is an alias of. */
  Optional<CacheRecord> lookup(Digest id);

  /**
   * Keeps records, and then aliases, together. A record or alias that had one of the ids is
   * replaced. When this returns, a killed process has them still.
   */
  void record(List<CacheRecord> records, List<Alias> aliases);

  /**
   * Keeps an alias of a record that is there; it may be forgotten when the process is killed. Does
   * nothing when the record is not there.
   */
  void alias(Alias alias);

  /** Forgets this record and its aliases, unless its id has a newer result by now. */
  void forget(CacheRecord record);

  /** The aliases of a record, oldest first. */
  List<Digest> aliases(Digest canonical);

  /**
   * The record to compare a miss with: the last one of the same op, else of the same inputs, else
   * of the same name; always of the same output.
   *
   * @param wanted as it will be recorded; id and result do not matter
   */
  Optional<CacheRecord> nearest(CacheRecord wanted);

  /**
   * Forgets every record whose result is gone; to be called after results were collected.
   *
   * @return how many were forgotten
   */
  int sweep(Predicate<CacheRecord> gone);
}
