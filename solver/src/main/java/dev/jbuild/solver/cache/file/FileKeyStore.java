package dev.jbuild.solver.cache.file;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.cache.Alias;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.CacheRecord;
import dev.jbuild.solver.cache.KeyIndex;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The durable key store, one file that this process holds locked. A failure while it is in use is
 * told to the operator; the file is opened again, moved aside first when it is damaged, and until
 * that succeeds the store is empty. The one who opened it closes it.
 */
public final class FileKeyStore implements CacheKeyStore, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FileKeyStore.class.getName());
  private static final long RETRY_NANOS = 5_000_000_000L;

  /** As many aliases may be lost by a kill; each costs a look at content then. */
  private static final int MAX_UNCOMMITTED = 256;

  private final Path path;

  /** Written with this locked; null while the file cannot be used. */
  private volatile @Nullable KeyFile file;

  private long retryAt;
  private boolean closed;

  private FileKeyStore(Path path, KeyFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens or makes the store.
   *
   * @throws IOException when the file is in use or may not be read or written; a damaged one is
   *     moved aside instead
   */
  public static FileKeyStore open(Path path) throws IOException {
    return new FileKeyStore(path, KeyFile.open(path));
  }

  @Override
  public Optional<CacheRecord> lookup(Digest id) {
    return read(index -> index.lookup(id), Optional.empty());
  }

  @Override
  public void record(List<CacheRecord> records, List<Alias> aliases) {
    write(index -> index.record(records, aliases), 0);
  }

  @Override
  public void alias(Alias alias) {
    write(index -> index.alias(alias), MAX_UNCOMMITTED);
  }

  @Override
  public void forget(CacheRecord record) {
    write(index -> index.forget(record), MAX_UNCOMMITTED);
  }

  @Override
  public List<Digest> aliases(Digest canonical) {
    return read(index -> index.aliases(canonical), List.of());
  }

  @Override
  public Optional<CacheRecord> nearest(CacheRecord wanted) {
    return read(index -> index.nearest(wanted), Optional.empty());
  }

  /** All records, as they are now. */
  public List<CacheRecord> records() {
    return read(KeyIndex::records, List.of());
  }

  @Override
  public int sweep(Predicate<CacheRecord> gone) {
    List<CacheRecord> lost = records().stream().filter(gone).toList();
    write(index -> lost.forEach(index::forget), 0);
    return lost.size();
  }

  @Override
  public synchronized void close() {
    KeyFile open = file;
    file = null;
    closed = true;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, path + ": closing failed; the last aliases may be lost", e);
        open.abandon();
      }
    }
  }

  private <T> T read(Function<KeyIndex, T> query, T nothing) {
    KeyFile open = usable();
    if (open == null) {
      return nothing;
    }
    try {
      return query.apply(open.index());
    } catch (RuntimeException e) {
      broken(open, e);
      return nothing;
    }
  }

  /** A change that met damage is made once more, in the file that is in use afterwards. */
  private void write(Consumer<KeyIndex> change, int maxUncommitted) {
    KeyFile first = usable();
    if (first != null && !attempt(first, change, maxUncommitted)) {
      KeyFile second = file;
      if (second != null) {
        attempt(second, change, maxUncommitted);
      }
    }
  }

  private boolean attempt(KeyFile open, Consumer<KeyIndex> change, int maxUncommitted) {
    try {
      change.accept(open.index());
      long made = open.changed();
      if (maxUncommitted == 0 || open.uncommitted() > maxUncommitted) {
        open.commit(made);
      }
      return true;
    } catch (RuntimeException e) {
      broken(open, e);
      return false;
    }
  }

  private @Nullable KeyFile usable() {
    KeyFile open = file;
    return open == null ? reopened() : open;
  }

  private synchronized @Nullable KeyFile reopened() {
    if (file == null && !closed && System.nanoTime() - retryAt >= 0) {
      try {
        file = KeyFile.open(path);
        LOG.log(Level.INFO, "{0}: is in use again", path);
      } catch (IOException | RuntimeException e) {
        retryLater(e);
      }
    }
    return file;
  }

  private synchronized void broken(KeyFile failed, RuntimeException failure) {
    if (!failed.equals(file)) {
      return; // another thread saw it first, or the store was closed meanwhile
    }
    file = null;
    failed.abandon();
    if (!damaged(failure)) {
      retryLater(failure);
      return;
    }
    try {
      KeyFile.moveAside(path, failure);
      file = KeyFile.open(path);
    } catch (IOException | RuntimeException e) {
      e.addSuppressed(failure);
      retryLater(e);
    }
  }

  private synchronized void retryLater(Exception failure) {
    retryAt = System.nanoTime() + RETRY_NANOS;
    LOG.log(
        Level.WARNING,
        path + ": cannot be used; steps are not cached until that has changed",
        failure);
  }

  private static boolean damaged(RuntimeException failure) {
    return !(failure instanceof MVStoreException known
        && (known.getErrorCode() == DataUtils.ERROR_WRITING_FAILED
            || known.getErrorCode() == DataUtils.ERROR_CLOSED));
  }
}
