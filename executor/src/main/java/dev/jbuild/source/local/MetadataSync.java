package dev.jbuild.source.local;

import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.linux.FileStat;
import dev.jbuild.session.FileSync;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A client's directories of which only what some patterns select is received, with the directories
 * that it lies in, and beside it one file that tells what all paths are. Source: wire facts, {@code
 * local.metadatatransfer}.
 */
public final class MetadataSync implements FileSync {
  /** The file that tells it; what the client has of this name is not received. */
  static final String NAME = ".fsutil-metadata";

  private static final int MODE = FileStat.REGULAR | 0644;

  private final FileSync client;
  private final List<String> selected;
  private final PathPatterns patterns;

  /**
   * @param selected patterns of what is received, in ignore-file syntax
   * @throws dev.jbuild.error.BuildException INVALID for a pattern that cannot be read
   */
  public MetadataSync(FileSync client, List<String> selected) {
    this.client = client;
    this.selected = List.copyOf(selected);
    this.patterns = PathPatterns.of(selected);
  }

  @Override
  public Walk open(String name, Filter filter) throws IOException {
    return new Selecting(client.open(name, filter));
  }

  @Override
  public String identity(String name) {
    return client.identity(name) + "\0" + NAME + "\0" + String.join("\0", selected);
  }

  /** For one thread, but for the reading. */
  private final class Selecting implements Walk {
    private final Walk walk;
    private final StatRecords records = new StatRecords();
    private final Deque<Entry> ready = new ArrayDeque<>();

    /** Directories that the walk is in and that were not given. */
    private final Deque<Entry> above = new ArrayDeque<>();

    /** Files that were not given: later names of them may be. */
    private final Map<String, Entry> left = new HashMap<>();

    /** Under which name a file was given whose first name was not. */
    private final Map<String, String> given = new HashMap<>();

    /** Files by the names that they were given under in place of their own. */
    private final Map<String, Entry> renamed = new ConcurrentHashMap<>();

    private final Set<String> directories = new HashSet<>();
    private long newestNanos;
    private volatile byte @Nullable [] metadata;
    private boolean ended;

    Selecting(Walk walk) {
      this.walk = walk;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && walk.hasNext()) {
        try {
          take(walk.next());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      if (ready.isEmpty() && !ended) {
        ended = true;
        metadata = records.toBytes();
        // Of no size that could be that of the one before: it is always received anew.
        ready.add(new Entry(NAME, MODE, 0, 0, -1, newestNanos, "", 0, 0));
      }
      return !ready.isEmpty();
    }

    @Override
    public Entry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void take(Entry entry) throws IOException {
      String path = entry.path();
      if (path.equals(NAME)) {
        return;
      }
      records.add(entry);
      newestNanos = Math.max(newestNanos, entry.modifiedNanos());
      while (!above.isEmpty() && !path.startsWith(above.element().path() + "/")) {
        above.pop();
      }
      int type = entry.mode() & FileStat.TYPE_MASK;
      if (patterns.matches(path)) {
        giveAbove();
        ready.add(type == FileStat.REGULAR ? file(entry) : entry);
        directories.add(path);
      } else if (type == FileStat.DIRECTORY) {
        above.push(entry);
      } else if (type == FileStat.REGULAR && entry.linkTarget().isEmpty()) {
        left.put(path, entry);
      }
    }

    private void giveAbove() {
      var missing = new ArrayList<Entry>();
      Iterator<Entry> down = above.descendingIterator();
      while (down.hasNext()) {
        Entry directory = down.next();
        if (directories.add(directory.path())) {
          missing.add(directory);
        }
      }
      ready.addAll(missing);
    }

    /** A later name of a file that was not given is its first. */
    private Entry file(Entry entry) {
      String first = entry.linkTarget();
      Entry source = left.get(first);
      if (source == null) {
        return entry;
      }
      String other = given.putIfAbsent(first, entry.path());
      if (other != null) {
        return named(entry, entry.path(), 0, other);
      }
      renamed.put(entry.path(), source);
      return named(source, entry.path(), source.sizeBytes(), "");
    }

    private Entry named(Entry entry, String path, long sizeBytes, String linkTarget) {
      return new Entry(
          path,
          entry.mode(),
          entry.uid(),
          entry.gid(),
          sizeBytes,
          entry.modifiedNanos(),
          linkTarget,
          entry.deviceMajor(),
          entry.deviceMinor(),
          entry.attributes());
    }

    @Override
    public ReadableByteChannel read(Entry file) throws IOException {
      byte[] bytes = metadata;
      if (file.path().equals(NAME) && bytes != null) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
      }
      return walk.read(renamed.getOrDefault(file.path(), file));
    }

    @Override
    public void close() throws IOException {
      walk.close();
    }
  }
}
