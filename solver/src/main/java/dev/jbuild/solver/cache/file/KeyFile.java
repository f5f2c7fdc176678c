package dev.jbuild.solver.cache.file;

import dev.jbuild.solver.cache.CacheRecord;
import dev.jbuild.solver.cache.KeyIndex;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.StringDataType;
import org.h2.store.fs.FilePath;

/**
 * The open file. All writing is done by the thread that commits: with H2's background threads a
 * commit of an interrupted thread returns before it is written. Nothing is synced to the disk but
 * at closing: a killed process loses nothing, a power cut the last seconds, and H2 does not use
 * space again before what replaced it has had the time to reach the disk.
 */
final class KeyFile implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(KeyFile.class.getName());
  private static final int PAGE_CACHE_MEBIBYTES = 4;

  /** Few, as a commit writes every page that it changed a key of. */
  private static final int KEYS_PER_PAGE = 16;

  /** How long replaced space is left alone: longer than a kernel holds writes back. */
  private static final int RETENTION_MILLIS = 45_000;

  /** Every so many commits, space of replaced records is made reusable. */
  private static final int COMMITS_PER_CLEANING = 128;

  private static final int FILL_PERCENT = 60;
  private static final int CLEANING_BYTES = 1 << 20;

  private final MVStore store;
  private final KeyIndex index;
  private final AtomicLong changes = new AtomicLong();
  private final ReentrantLock committing = new ReentrantLock();
  private long committed;
  private int commits;

  private KeyFile(MVStore store, KeyIndex index) {
    this.store = store;
    this.index = index;
  }

  /**
   * Opens or makes the file; one that cannot be read is moved aside, to {@code <name>.damaged}.
   *
   * @throws IOException when it is in use, or may not be read or written
   */
  static KeyFile open(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (Files.exists(file) && !(Files.isReadable(file) && Files.isWritable(file))) {
      throw new IOException(file + ": may not be read and written by this user");
    }
    try {
      return attempt(file);
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        throw new IOException(
            file + ": is in use by another process: a jbuildd with the same state directory?", e);
      }
      if (e.getErrorCode() == DataUtils.ERROR_WRITING_FAILED) {
        throw new IOException(file + ": cannot be written: " + e.getMessage(), e);
      }
      moveAside(file, e);
    } catch (RuntimeException e) { // H2 throws many kinds of them for bytes it cannot make sense of
      moveAside(file, e);
    }
    return attempt(file);
  }

  /** Puts a file that lies or cannot be read out of the way; the one before it goes. */
  static void moveAside(Path file, Exception reason) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    LOG.log(
        Level.WARNING,
        "{0}: damaged ({1}); moved to {2}, the build cache starts empty",
        file,
        reason.getMessage(),
        aside);
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
  }

  KeyIndex index() {
    return index;
  }

  /** Notes a change that the next commit takes along; returns how many were made. */
  long changed() {
    return changes.incrementAndGet();
  }

  /** How many changes a killed process would lose. */
  long uncommitted() {
    committing.lock();
    try {
      return changes.get() - committed;
    } finally {
      committing.unlock();
    }
  }

  /** Returns when this change and those before it survive a kill; one commit serves all waiting. */
  void commit(long change) {
    committing.lock();
    try {
      if (committed >= change) {
        return;
      }
      long upTo = changes.get();
      store.commit();
      committed = upTo;
      if (commits++ % COMMITS_PER_CLEANING == 0) { // the first too: earlier ones may be killed
        clean();
      }
    } finally {
      committing.unlock();
    }
  }

  /** H2 gives up when the thread is interrupted; then the next time is early enough. */
  private void clean() {
    try {
      store.compact(FILL_PERCENT, CLEANING_BYTES);
    } catch (RuntimeException e) {
      if (!(e.getCause() instanceof InterruptedException)) {
        throw e;
      }
      Thread.currentThread().interrupt();
    }
  }

  /** Without H2's compaction at the end: moving chunks fails its own assertions in 2.4.240. */
  @Override
  public void close() {
    store.close();
  }

  /** Gives the file back as it is, after a failure. */
  void abandon() {
    store.closeImmediately();
  }

  private static KeyFile attempt(Path file) {
    FilePath.register(new SteadyFilePath());
    MVStore store =
        new MVStore.Builder()
            .fileName(SteadyFilePath.SCHEME + ":" + file.toAbsolutePath())
            .autoCommitDisabled()
            .cacheSize(PAGE_CACHE_MEBIBYTES)
            .keysPerPage(KEYS_PER_PAGE)
            .open();
    try {
      store.setVersionsToKeep(0);
      store.setRetentionTime(RETENTION_MILLIS);
      return new KeyFile(store, new KeyIndex(tables(store)));
    } catch (RuntimeException e) {
      store.closeImmediately();
      throw e;
    }
  }

  private static KeyIndex.Tables tables(MVStore store) {
    var text = StringDataType.INSTANCE;
    MVMap.Builder<String, String> texts =
        new MVMap.Builder<String, String>().keyType(text).valueType(text);
    return new KeyIndex.Tables(
        store.openMap(
            "records",
            new MVMap.Builder<String, CacheRecord>().keyType(text).valueType(new RecordType())),
        store.openMap("aliases", texts),
        store.openMap(
            "names",
            new MVMap.Builder<String, List<String>>().keyType(text).valueType(new NamesType())),
        store.openMap("hints", texts));
  }
}
