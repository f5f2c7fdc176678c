package dev.jbuild.daemon.storage;

import dev.jbuild.content.UseWatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was used when. What was used since the oldest running build began is in use. Times
 * survive the process, to ten minutes: a build that finds everything cached shall not write much.
 * The lock is held shared by who uses something, and alone by who takes something away. Safe for
 * use by several threads.
 */
public final class UseLog implements UseWatch {
  /** Two builds may share a step that one of them began before the other came. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  private static final long COARSE_MILLIS = Duration.ofMinutes(10).toMillis();
  private static final int MAX_KEPT_IN_MEMORY = 200_000;

  private final MVMap<String, String> kept;
  private final InstantSource clock;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final ConcurrentHashMap<String, Instant> touched = new ConcurrentHashMap<>();
  private final Set<Lease> running = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable ConcurrentLinkedQueue<String>> watching =
      new AtomicReference<>();

  /**
   * @param store open; who opened it commits and closes it
   */
  public UseLog(MVStore store, InstantSource clock) {
    this.clock = clock;
    this.kept =
        store.openMap(
            "uses",
            new MVMap.Builder<String, String>()
                .keyType(StringDataType.INSTANCE)
                .valueType(StringDataType.INSTANCE));
  }

  @Override
  public void used(String key) {
    lock.readLock().lock();
    try {
      touched.put(key, clock.instant());
      ConcurrentLinkedQueue<String> watch = watching.get();
      if (watch != null) {
        watch.add(key);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  /** A build that runs; what it uses stays until it is closed. */
  public final class Lease implements AutoCloseable {
    private final Instant began = clock.instant();

    private Lease() {}

    @Override
    public void close() {
      if (running.remove(this)) {
        flush();
      }
    }
  }

  /** To be called before a build uses anything. */
  public Lease build() {
    var lease = new Lease();
    running.add(lease);
    return lease;
  }

  /** How often and when something was used last, as far as it is known. */
  record Use(Instant last, long count) {}

  @Nullable Use find(String key) {
    Use stored = read(kept.get(key));
    Instant now = touched.get(key);
    if (now == null) {
      return stored;
    }
    return stored == null
        ? new Use(now, 1)
        : new Use(now.isAfter(stored.last()) ? now : stored.last(), stored.count());
  }

  private static @Nullable Use read(@Nullable String text) {
    int blank = text == null ? -1 : text.indexOf(' ');
    if (text == null || blank < 0) {
      return null;
    }
    try {
      return new Use(
          Instant.ofEpochMilli(Long.parseLong(text.substring(0, blank))),
          Long.parseLong(text.substring(blank + 1)));
    } catch (NumberFormatException damaged) {
      return null;
    }
  }

  void forget(String key) {
    touched.remove(key);
    kept.remove(key);
  }

  /** Hands what is known to the store, which writes it with its next commit. */
  public void flush() {
    for (var entry : touched.entrySet()) {
      Use stored = read(kept.get(entry.getKey()));
      long millis = entry.getValue().toEpochMilli();
      if (stored == null || millis - stored.last().toEpochMilli() > COARSE_MILLIS) {
        kept.put(entry.getKey(), millis + " " + (stored == null ? 1 : stored.count() + 1));
      }
    }
    if (touched.size() > MAX_KEPT_IN_MEMORY && running.isEmpty()) {
      Instant before = clock.instant().minus(GRACE);
      touched.values().removeIf(last -> last.isBefore(before));
    }
  }

  /** Begins to look for what may go; only one at a time. */
  Scan scan() {
    return new Scan();
  }

  /** Knows what is in use, also by builds that begin while it is open. For one thread. */
  final class Scan implements AutoCloseable {
    private final ConcurrentLinkedQueue<String> since = new ConcurrentLinkedQueue<>();
    private final Set<String> late = new HashSet<>();
    private final @Nullable Instant oldest;

    private Scan() {
      if (!watching.compareAndSet(null, since)) {
        throw new IllegalStateException("one scan at a time");
      }
      oldest =
          running.stream()
              .map(lease -> lease.began.minus(GRACE))
              .min(Instant::compareTo)
              .orElse(null);
    }

    /** Whether something that was used, or made, at this time is in use. */
    boolean covers(@Nullable Instant time) {
      return oldest != null && time != null && !time.isBefore(oldest);
    }

    /** Whether a build that runs has used it. */
    boolean uses(String key) {
      return late.contains(key) || covers(touched.get(key));
    }

    /** Takes something away, which must be quick. */
    interface Taking<T> {
      /**
       * @param late what was used since the scan began, of any kind
       */
      @Nullable T take(Set<String> late) throws IOException;
    }

    /** Nothing begins to be used until it is done. */
    <T> @Nullable T alone(Taking<T> taking) throws IOException {
      lock.writeLock().lock();
      try {
        while (!since.isEmpty()) {
          late.add(since.remove());
        }
        return taking.take(late);
      } finally {
        lock.writeLock().unlock();
      }
    }

    @Override
    public void close() {
      watching.set(null);
    }
  }
}
