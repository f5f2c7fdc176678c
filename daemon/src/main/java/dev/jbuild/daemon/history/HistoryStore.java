package dev.jbuild.daemon.history;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Records in a directory, a file each. A record is there completely or not at all: it is written
 * under another name, synced and renamed. The directory is the only truth, so another process may
 * read and delete beside this one. Nothing is read or made before it is needed. Safe for use by
 * several threads; its lock guards the names and the cache.
 */
public final class HistoryStore {
  private static final System.Logger LOG = System.getLogger(HistoryStore.class.getName());
  private static final String TEMPORARY = "tmp-";
  private static final int CACHED = 128;

  /** Of all records that are not pinned; the oldest go first. */
  private static final long MAX_BYTES = 1L << 30;

  private static final Comparator<RecordName> NEWEST_FIRST =
      Comparator.comparingLong(RecordName::completedMillis)
          .reversed()
          .thenComparing(RecordName::key);

  private final Path directory;
  private final HistoryLimits limits;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicLong counter = new AtomicLong();
  private final Map<RecordName, BuildRecord> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<RecordName, BuildRecord> eldest) {
          return size() > CACHED;
        }
      };
  private boolean swept;

  /**
   * @param directory made when the first record is written
   */
  public HistoryStore(Path directory, HistoryLimits limits, Clock clock) {
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
  }

  /** Writes the sections of a record. */
  interface Content {
    /** Gives the record, as yet without sections. */
    BuildRecord write(RecordFile.Writing file) throws IOException;
  }

  /** Adds a record, durable when this returns; an older one of the same ref goes. */
  BuildRecord add(Content content) throws IOException {
    sweep();
    Path temporary = directory.resolve(TEMPORARY + counter.incrementAndGet());
    try {
      BuildRecord record;
      try (var file = new RecordFile.Writing(temporary)) {
        record = file.finish(content.write(file));
      }
      RecordName name = RecordName.of(record);
      lock.lock();
      try {
        List<RecordName> before = named(name.key());
        Files.move(temporary, path(name), StandardCopyOption.ATOMIC_MOVE);
        for (RecordName old : before) {
          if (!old.equals(name)) {
            remove(old);
          }
        }
        sync();
        cache.put(name, record);
      } finally {
        lock.unlock();
      }
      return record;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes what a killed process left half written, once. */
  private void sweep() throws IOException {
    lock.lock();
    try {
      if (swept) {
        return;
      }
      Files.createDirectories(directory);
      try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, TEMPORARY + "*")) {
        for (Path file : left) {
          Files.deleteIfExists(file);
        }
      }
      swept = true;
    } finally {
      lock.unlock();
    }
  }

  /** All records, those that ended last first. What can not be read is left out, with a warning. */
  public List<BuildRecord> list() throws IOException {
    var records = new ArrayList<BuildRecord>();
    for (RecordName name : names()) {
      read(name).ifPresent(records::add);
    }
    return records;
  }

  /** The record of a ref. */
  public Optional<BuildRecord> find(String ref) throws IOException {
    for (RecordName name : named(RecordName.key(ref))) {
      Optional<BuildRecord> found = read(name).filter(record -> record.ref().equals(ref));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /**
   * Pins or unpins a record; one that is as wanted already does not change.
   *
   * @return the record, or empty when there is none of the ref
   */
  Optional<BuildRecord> pin(String ref, boolean pinned) throws IOException {
    lock.lock();
    try {
      for (RecordName name : named(RecordName.key(ref))) {
        if (name.pinned() == pinned) {
          return read(name);
        }
        RecordName next = name.pinned(pinned);
        Files.move(path(name), path(next), StandardCopyOption.ATOMIC_MOVE);
        sync();
        return read(next);
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Deletes a record; false when there is none of the ref. */
  boolean delete(String ref) throws IOException {
    lock.lock();
    try {
      List<RecordName> names = named(RecordName.key(ref));
      for (RecordName name : names) {
        remove(name);
      }
      if (!names.isEmpty()) {
        sync();
      }
      return !names.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Deletes what the limits do not allow, and gives the refs. */
  List<String> enforce() throws IOException {
    var gone = new ArrayList<String>();
    lock.lock();
    try {
      long oldest = clock.instant().minus(limits.maxAge()).toEpochMilli();
      int count = 0;
      long bytes = 0;
      for (RecordName name : names()) {
        if (name.pinned()) {
          continue;
        }
        count++;
        bytes += size(name);
        boolean old = count > limits.maxEntries() && name.completedMillis() < oldest;
        if (old || (bytes > MAX_BYTES && count > 1)) {
          read(name).ifPresent(record -> gone.add(record.ref()));
          remove(name);
        }
      }
    } finally {
      lock.unlock();
    }
    return gone;
  }

  private long size(RecordName name) {
    try {
      return Files.size(path(name));
    } catch (IOException e) {
      return 0; // another process has just deleted it
    }
  }

  /** Opens a section for reading; the caller closes it. Empty when the record is gone. */
  public Optional<StoredBlob> open(BuildRecord record, Section section) throws IOException {
    for (RecordName name : named(RecordName.key(record.ref()))) {
      if (name.completedMillis() != RecordName.of(record).completedMillis()) {
        continue; // another build of the same ref
      }
      try {
        return Optional.of(new SectionReader(channel(name), section.offset(), section.size()));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Opens the section of this digest in any record; the caller closes it. */
  public Optional<StoredBlob> open(Digest digest) throws IOException {
    for (RecordName name : names()) {
      Optional<BuildRecord> record = read(name);
      if (record.isPresent()) {
        for (Section section : record.get().sections()) {
          if (section.digest().equals(digest)) {
            return open(record.get(), section);
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<BuildRecord> read(RecordName name) throws IOException {
    lock.lock();
    try {
      BuildRecord known = cache.get(name);
      if (known != null && Files.exists(path(name))) {
        return Optional.of(known);
      }
    } finally {
      lock.unlock();
    }
    try (FileChannel channel = channel(name)) {
      BuildRecord record = RecordFile.read(channel, name);
      lock.lock();
      try {
        cache.put(name, record);
      } finally {
        lock.unlock();
      }
      return Optional.of(record);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "a build record is left out: {0}", e.getMessage());
      return Optional.empty();
    }
  }

  private List<RecordName> names() throws IOException {
    var names = new ArrayList<RecordName>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(file -> RecordName.parse(file).ifPresent(names::add));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    names.sort(NEWEST_FIRST);
    return names;
  }

  private List<RecordName> named(String key) throws IOException {
    return names().stream().filter(name -> name.key().equals(key)).toList();
  }

  private FileChannel channel(RecordName name) throws IOException {
    return FileChannel.open(path(name), StandardOpenOption.READ);
  }

  private void remove(RecordName name) throws IOException {
    Files.deleteIfExists(path(name));
    cache.remove(name);
  }

  private void sync() throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private Path path(RecordName name) {
    return directory.resolve(name.toString());
  }
}
