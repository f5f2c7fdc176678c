package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a store keeps, over maps that it brings along: how records, aliases and hints belong
 * together. Readers take no lock; writers take one. Ids are the hex digits of digests.
 */
public final class KeyIndex {

  /**
   * The maps of an index.
   *
   * @param records by canonical id
   * @param aliases alias to canonical id, with the alias's own beginning behind it
   * @param names canonical id to its aliases, oldest first
   * @param hints what a record is like, to the canonical id of the last such record
   */
  public record Tables(
      ConcurrentMap<String, CacheRecord> records,
      ConcurrentMap<String, String> aliases,
      ConcurrentMap<String, List<String>> names,
      ConcurrentMap<String, String> hints) {}

  private static final int MARK = 16;

  private final ReentrantLock writing = new ReentrantLock();
  private final Tables tables;

  public KeyIndex(Tables tables) {
    this.tables = tables;
  }

  /** As {@link CacheKeyStore#lookup}. */
  public Optional<CacheRecord> lookup(Digest id) {
    String target = tables.aliases().get(id.hex());
    if (target != null && !target.endsWith(mark(id.hex()))) {
      return Optional.empty(); // as below
    }
    String canonical = target == null ? id.hex() : canonical(target);
    return Optional.ofNullable(tables.records().get(canonical))
        .filter(record -> record.id().hex().equals(canonical)); // a damaged file may mix them up
  }

  /** As {@link CacheKeyStore#record}, in these maps only. */
  public void record(List<CacheRecord> records, List<Alias> aliases) {
    writing.lock();
    try {
      for (CacheRecord record : records) {
        dropAlias(record.id().hex());
        put(record);
        for (String hint : hints(record)) {
          tables.hints().put(hint, record.id().hex());
        }
      }
      aliases.forEach(this::addAlias);
    } finally {
      writing.unlock();
    }
  }

  /** As {@link CacheKeyStore#alias}. */
  public void alias(Alias alias) {
    writing.lock();
    try {
      addAlias(alias);
    } finally {
      writing.unlock();
    }
  }

  /** As {@link CacheKeyStore#forget}. */
  public void forget(CacheRecord record) {
    writing.lock();
    try {
      CacheRecord present = tables.records().get(record.id().hex());
      if (present != null && present.resultId().equals(record.resultId())) {
        drop(present);
      }
    } finally {
      writing.unlock();
    }
  }

  /** As {@link CacheKeyStore#aliases}. */
  public List<Digest> aliases(Digest canonical) {
    return names(canonical.hex()).stream().map(Digest::new).toList();
  }

  /** As {@link CacheKeyStore#nearest}. */
  public Optional<CacheRecord> nearest(CacheRecord wanted) {
    for (String hint : hints(wanted)) {
      String canonical = tables.hints().get(hint);
      CacheRecord near = canonical == null ? null : tables.records().get(canonical);
      if (near != null) {
        return Optional.of(near);
      }
    }
    return Optional.empty();
  }

  /** All records as they are now. */
  public List<CacheRecord> records() {
    return List.copyOf(tables.records().values());
  }

  /**
   * @throws IllegalStateException when it cannot be found afterwards: a damaged file's keys are not
   *     in their order
   */
  private void put(CacheRecord record) {
    String id = record.id().hex();
    CacheRecord replaced = tables.records().put(id, record);
    if (replaced != null) {
      dropHints(replaced);
    }
    if (!record.equals(tables.records().get(id))) {
      throw new IllegalStateException("a record just written is not found: " + record.id());
    }
  }

  private void addAlias(Alias alias) {
    String id = alias.id().hex();
    String canonical = alias.canonical().hex();
    if (id.equals(canonical) || !tables.records().containsKey(canonical)) {
      return;
    }
    CacheRecord replaced = tables.records().get(id);
    if (replaced != null) {
      drop(replaced);
    }
    dropAlias(id);
    var names = new ArrayList<>(names(canonical));
    names.add(id);
    while (names.size() > CacheKeyStore.MAX_ALIASES) {
      tables.aliases().remove(names.removeFirst());
    }
    tables.names().put(canonical, List.copyOf(names));
    tables.aliases().put(id, canonical + mark(id));
  }

  private void dropAlias(String id) {
    String target = tables.aliases().remove(id);
    if (target == null) {
      return;
    }
    String canonical = canonical(target);
    var names = new ArrayList<>(names(canonical));
    names.remove(id);
    if (names.isEmpty()) {
      tables.names().remove(canonical);
    } else {
      tables.names().put(canonical, List.copyOf(names));
    }
  }

  private void drop(CacheRecord record) {
    String id = record.id().hex();
    tables.records().remove(id);
    for (String alias : names(id)) {
      tables.aliases().remove(alias);
    }
    tables.names().remove(id);
    dropHints(record);
  }

  private void dropHints(CacheRecord record) {
    for (String hint : hints(record)) {
      tables.hints().remove(hint, record.id().hex());
    }
  }

  /** Tells whose target it is, should a damaged file put it beside another alias. */
  private static String mark(String alias) {
    return alias.substring(0, MARK);
  }

  private static String canonical(String target) {
    return target.substring(0, Math.max(0, target.length() - MARK));
  }

  private List<String> names(String canonical) {
    Map<String, List<String>> names = tables.names();
    List<String> found = names.get(canonical);
    return found == null ? List.of() : found;
  }

  /** What the record is like, the most telling first. */
  private static List<String> hints(CacheRecord record) {
    var hints = new ArrayList<String>(3);
    hints.add("o" + record.output() + ":" + record.op().hex());
    if (!record.inputs().isEmpty()) {
      MessageDigest hash = Digest.sha256();
      for (CacheRecord.Input input : record.inputs()) {
        add(hash, input.content() == null ? input.id() : input.content());
      }
      hints.add("i" + record.output() + ":" + HexFormat.of().formatHex(hash.digest(), 0, 16));
    }
    hints.add(
        "n"
            + record.output()
            + ":"
            + Digest.of(record.name().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32));
    return hints;
  }

  private static void add(MessageDigest hash, @Nullable Digest digest) {
    hash.update((digest == null ? "" : digest.hex()).getBytes(StandardCharsets.US_ASCII));
    hash.update((byte) ';');
  }
}
