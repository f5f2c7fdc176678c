package dev.jbuild.cachemount;

import dev.jbuild.llb.MountSpec.Sharing;
import dev.jbuild.snapshot.TreeDeletion;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The cache directories below {@code caches}, {@code <digest of id>-<initial content>-<number>}.
 * They survive this process; what they hold is only ever a cache, so nothing waits for the disk.
 * One process has the state directory, so who uses what is known in memory. Thread-safe.
 */
public final class CacheMounts {
  private static final System.Logger LOG = System.getLogger(CacheMounts.class.getName());
  private static final int MAX_NUMBERS = 10_000;

  /** Begins the names of what is not complete, or no longer wanted. */
  private static final String HALF = ".";

  private final Path root;
  private final CacheRecords records;
  private final InstantSource clock;
  private final Executor background;
  private final AtomicLong half = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();
  private final Map<String, Use> uses = new HashMap<>(); // guarded by lock

  /**
   * @param root {@code caches} in the state directory
   * @param store open; who opened it closes it
   * @param background deletes what is not wanted any more; tasks block
   */
  public CacheMounts(Path root, MVStore store, InstantSource clock, Executor background) {
    this.root = root;
    this.records = new CacheRecords(store);
    this.clock = clock;
    this.background = background;
  }

  /** To be called once, before the first use: removes what a killed process left half done. */
  public void open() throws IOException {
    Files.createDirectories(root);
    try (var entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (name.startsWith(HALF)) {
          TreeDeletion.delete(entry);
        } else if (records.find(name) == null) {
          records.put(name, CacheRecord.made("", clock.instant()));
        }
      }
    }
    for (String name : records.all().keySet()) {
      if (!Files.isDirectory(root.resolve(name))) {
        records.remove(name);
      }
    }
  }

  /** Makes what a directory begins with. */
  public interface Filling {
    /**
     * @param directory does not exist
     */
    void fill(Path directory) throws IOException;
  }

  /** A directory that a step uses until it is closed. */
  public interface Lease extends AutoCloseable {
    Path directory();

    @Override
    void close();
  }

  /**
   * Gives a directory: SHARED one that others may use at the same time, PRIVATE one that nobody
   * uses, LOCKED the only one, after all others have given it back. Who needs several takes them in
   * the order of their keys.
   *
   * @param waiting is run once if somebody else must end first
   */
  public Lease acquire(CacheKey key, Sharing sharing, Filling filling, Runnable waiting)
      throws IOException, InterruptedException {
    Use use = take(key, sharing, waiting);
    try {
      use.make(filling);
      return use;
    } catch (Throwable failure) {
      use.close();
      throw failure;
    }
  }

  private Use take(CacheKey key, Sharing sharing, Runnable waiting) throws InterruptedException {
    boolean told = false;
    lock.lockInterruptibly();
    try {
      while (true) {
        Use free = find(key, sharing);
        if (free != null) {
          return free;
        }
        if (!told) {
          told = true;
          waiting.run();
        }
        given.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Null when somebody else must end first. */
  private @Nullable Use find(CacheKey key, Sharing sharing) {
    for (int number = 0; number < MAX_NUMBERS; number++) {
      String name = key.name(number);
      Use use = uses.get(name);
      if (use == null) {
        use = new Use(name, key.id(), sharing == Sharing.SHARED);
        uses.put(name, use);
        return use;
      }
      if (sharing == Sharing.SHARED && use.shared && !use.unwanted) {
        use.users++;
        return use;
      }
      if (sharing == Sharing.LOCKED) {
        return null;
      }
    }
    return null;
  }

  /** A directory in use, by one step or several that share it. */
  private final class Use implements Lease {
    private final String name;
    private final String id;
    private final boolean shared;
    private final ReentrantLock making = new ReentrantLock();
    private int users = 1; // guarded by lock
    private boolean unwanted; // guarded by lock

    Use(String name, String id, boolean shared) {
      this.name = name;
      this.id = id;
      this.shared = shared;
    }

    /** Makes the directory unless it is there; others that share it wait for that. */
    void make(Filling filling) throws IOException, InterruptedException {
      making.lockInterruptibly();
      try {
        if (!Files.isDirectory(directory())) {
          Path early = halfName();
          filling.fill(early);
          records.put(name, CacheRecord.made(id, clock.instant()));
          Files.move(early, directory());
        }
      } finally {
        making.unlock();
      }
    }

    @Override
    public Path directory() {
      return root.resolve(name);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        users--;
        if (users > 0) {
          return;
        }
        uses.remove(name, this);
        records.change(name, record -> record.used(clock.instant()));
        if (unwanted) {
          discard(name);
        }
        given.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private Path halfName() {
    return root.resolve(HALF + half.incrementAndGet());
  }

  /** Lets all directories of an id begin anew; those in use do so when they are given back. */
  public void forget(String id) {
    lock.lock();
    try {
      for (String name : records.all().tailMap(CacheKey.family(id)).keySet()) {
        if (!name.startsWith(CacheKey.family(id))) {
          return;
        }
        Use use = uses.get(name);
        if (use == null) {
          discard(name);
        } else {
          use.unwanted = true;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes the name away at once; deleting what is there takes its time. */
  private void discard(String name) {
    Path old = halfName();
    try {
      records.remove(name);
      if (Files.isDirectory(root.resolve(name))) {
        Files.move(root.resolve(name), old);
        background.execute(() -> delete(old));
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cache directory " + name + " cannot be taken away", e);
    }
  }

  private static void delete(Path old) {
    try {
      TreeDeletion.delete(old);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cache directory " + old + " is deleted at the next start", e);
    }
  }

  /** All directories by name, with what is known of them. */
  public SortedMap<String, CacheRecord> all() {
    return records.all();
  }

  /** Whether a step uses the directory now. */
  public boolean isUsed(String name) {
    lock.lock();
    try {
      return uses.containsKey(name);
    } finally {
      lock.unlock();
    }
  }

  /** Removes a directory unless it is in use. */
  public boolean remove(String name) {
    lock.lock();
    try {
      if (uses.containsKey(name) || records.find(name) == null) {
        return false;
      }
      discard(name);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes on disk; measured unless nobody has used the directory since the last time. */
  public long sizeBytes(String name) throws IOException {
    CacheRecord record = records.find(name);
    if (record == null) {
      return 0;
    }
    if (record.size().isPresent()) {
      return record.size().getAsLong();
    }
    long size = DiskUse.of(root.resolve(name));
    records.change(name, now -> now.equals(record) ? now.measured(size) : now);
    return size;
  }
}
