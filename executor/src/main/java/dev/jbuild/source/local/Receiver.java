package dev.jbuild.source.local;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.session.FileSync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Receives one walk: compares it with what is there and reads what is not. For one walk. */
final class Receiver {
  private static final int MAX_ENTRIES = 10_000_000;
  private static final int MAX_PATH_LENGTH = 4096;
  private static final int MAX_AT_ONCE = 32;

  private final Map<String, Received> known;
  private final MirrorFiles files;
  private final AtomicLong ids;
  private final Preparation beforeWriting;
  private final ExecutorService readers;
  private final Semaphore room = new Semaphore(MAX_AT_ONCE);
  private final Set<Long> newIds = ConcurrentHashMap.newKeySet();
  private final AtomicLong newBytes = new AtomicLong();
  private final List<Pending> pending = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();
  private final Set<Integer> linked = new HashSet<>();
  private volatile boolean failed;

  /** Called before the first file is written. */
  interface Preparation {
    void run() throws IOException;
  }

  /**
   * An entry of the walk.
   *
   * @param content known already, or null
   * @param arriving being received, or null
   */
  private record Pending(
      FileSync.Entry entry,
      Received.@Nullable Content content,
      @Nullable Future<Received.Content> arriving) {}

  Receiver(
      MirrorIndex base,
      MirrorFiles files,
      AtomicLong ids,
      Preparation beforeWriting,
      ExecutorService readers) {
    this.known = base.byPath();
    this.files = files;
    this.ids = ids;
    this.beforeWriting = beforeWriting;
    this.readers = readers;
  }

  Set<Long> newIds() {
    return newIds;
  }

  long newBytes() {
    return newBytes.get();
  }

  /** Receives all. When this fails, the walk is closed and no file is being written any more. */
  MirrorIndex receive(FileSync.Walk walk) throws IOException, InterruptedException {
    boolean done = false;
    try {
      while (walk.hasNext()) {
        take(walk.next(), walk);
      }
      MirrorIndex index = finish();
      done = true;
      return index;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      if (!done) {
        failed = true;
        walk.close();
      }
      room.acquireUninterruptibly(MAX_AT_ONCE);
      room.release(MAX_AT_ONCE);
    }
  }

  private void take(FileSync.Entry entry, FileSync.Walk walk)
      throws IOException, InterruptedException {
    check(entry);
    int position = pending.size();
    positions.put(entry.path(), position);
    if ((entry.mode() & FileStat.TYPE_MASK) != FileStat.REGULAR) {
      pending.add(new Pending(entry, null, null));
      return;
    }
    if (!entry.linkTarget().isEmpty()) {
      Integer first = positions.get(entry.linkTarget());
      if (first == null || first == position) {
        throw wrong(entry, "is a hard link to '" + entry.linkTarget() + "', which was not sent");
      }
      linked.add(position);
      linked.add(first);
      Pending target = pending.get(first);
      pending.add(new Pending(entry, target.content, target.arriving));
      return;
    }
    Received before = known.get(entry.path());
    if (before != null && isSame(before, entry)) {
      pending.add(new Pending(entry, before.content(), null));
    } else {
      pending.add(new Pending(entry, null, start(entry, walk)));
    }
  }

  private static boolean isSame(Received before, FileSync.Entry entry) {
    return before.content() != null
        && !before.content().unsettled()
        && before.entry().equals(entry);
  }

  private Future<Received.Content> start(FileSync.Entry entry, FileSync.Walk walk)
      throws IOException, InterruptedException {
    if (newIds.isEmpty()) {
      beforeWriting.run();
    }
    long id = ids.getAndIncrement();
    newIds.add(id);
    room.acquire();
    try {
      return readers.submit(() -> receiveOne(id, entry, walk));
    } catch (RuntimeException e) {
      room.release();
      throw e;
    }
  }

  private Received.Content receiveOne(long id, FileSync.Entry entry, FileSync.Walk walk)
      throws IOException {
    if (failed) {
      room.release();
      throw new IOException("receiving has ended");
    }
    try (ReadableByteChannel from = walk.read(entry)) {
      Received.Content content = files.receive(id, entry, from);
      newBytes.addAndGet(content.sizeBytes());
      return content;
    } finally {
      room.release();
    }
  }

  private MirrorIndex finish() throws IOException, InterruptedException {
    var entries = new ArrayList<Received>(pending.size());
    for (int i = 0; i < pending.size(); i++) {
      Pending entry = pending.get(i);
      Received.Content content = entry.arriving == null ? entry.content : await(entry.arriving);
      boolean isRegular = (entry.entry.mode() & FileStat.TYPE_MASK) == FileStat.REGULAR;
      if (isRegular && content == null) {
        throw wrong(entry.entry, "is a hard link to something that is not a file");
      }
      entries.add(new Received(entry.entry, content, linked.contains(i)));
    }
    return new MirrorIndex(entries, ids.get());
  }

  private static Received.Content await(Future<Received.Content> arriving)
      throws IOException, InterruptedException {
    try {
      return arriving.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failure) {
        throw failure;
      }
      if (cause instanceof BuildException failure) {
        throw failure;
      }
      throw new IllegalStateException("receiving a file", e);
    }
  }

  /** The client is not trusted: only paths that stay inside, each after its directory. */
  private void check(FileSync.Entry entry) {
    String path = entry.path();
    if (pending.size() >= MAX_ENTRIES) {
      throw wrong(entry, "is one too many: at most " + MAX_ENTRIES + " paths are received");
    }
    if (path.isEmpty() || path.length() > MAX_PATH_LENGTH || path.indexOf('\0') >= 0) {
      throw wrong(entry, "is no path");
    }
    for (String name : path.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        throw wrong(entry, "leads out of the directory or is not clean");
      }
    }
    if (positions.containsKey(path)) {
      throw wrong(entry, "was sent twice");
    }
    int slash = path.lastIndexOf('/');
    Integer parent = slash < 0 ? null : positions.get(path.substring(0, slash));
    if (slash >= 0
        && (parent == null
            || (pending.get(parent).entry.mode() & FileStat.TYPE_MASK) != FileStat.DIRECTORY)) {
      throw wrong(entry, "was sent before its directory");
    }
  }

  private static BuildException wrong(FileSync.Entry entry, String why) {
    return new BuildException(
        Code.INVALID, "the client sent wrong files: '" + entry.path() + "' " + why);
  }
}
