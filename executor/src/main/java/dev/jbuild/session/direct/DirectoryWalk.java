package dev.jbuild.session.direct;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.NameOrder;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.SentAttributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** One walk over a directory. Files may be read by several threads while it goes on. */
final class DirectoryWalk implements FileSync.Walk {
  private static final char NO_TEXT = '\uFFFD';

  private final Path root;
  private final Kernel kernel;
  private final Map<Identity, String> sent = new HashMap<>();
  private final Deque<FileSync.Entry> ready = new ArrayDeque<>();
  private @Nullable Level level;
  private volatile boolean closed;

  /** What makes two paths one file. */
  private record Identity(long fileSystem, long inode) {}

  /** A directory being walked. */
  private static final class Level {
    private final @Nullable Level above;
    private final String path;
    private final Selection.Place place;
    private final String[] names;
    private FileSync.@Nullable Entry unsent;
    private int next;

    /**
     * @param unsent the directory's own entry, sent before the first thing in it; null when it is
     */
    Level(
        @Nullable Level above,
        String path,
        Selection.Place place,
        String[] names,
        FileSync.@Nullable Entry unsent) {
      this.above = above;
      this.path = path;
      this.place = place;
      this.names = names;
      this.unsent = unsent;
    }
  }

  DirectoryWalk(Path root, Selection selection, Kernel kernel) throws IOException {
    this.root = root;
    this.kernel = kernel;
    this.level = new Level(null, "", selection.root(), names(""), null);
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && level != null) {
        advance(level);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  @Override
  public FileSync.Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the walk of " + root + " is at its end");
    }
    return ready.removeFirst();
  }

  @Override
  public ReadableByteChannel read(FileSync.Entry file) throws IOException {
    checkOpen();
    try {
      return FileChannel.open(
          root.resolve(file.path()), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw vanished(file.path(), e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() {
    if (closed) {
      throw new BuildException(Code.CANCELLED, "reading of " + root + " was cancelled");
    }
  }

  private void advance(Level at) throws IOException {
    checkOpen();
    if (at.next == at.names.length) {
      level = at.above;
      return;
    }
    String name = at.names[at.next++];
    Selection.Place place = at.place.child(name);
    if (!place.isSent() && !place.maySendBelow()) {
      return;
    }
    String path = at.path.isEmpty() ? name : at.path + "/" + name;
    FileStat stat = stat(path);
    if (stat.isDirectory()) {
      FileSync.Entry entry = entry(path, stat, "");
      level = new Level(at, path, place, place.maySendBelow() ? names(path) : new String[0], entry);
      if (place.isSent()) {
        send(level);
      }
    } else if (place.isSent() && stat.type() != FileStat.SOCKET) {
      send(at);
      ready.addLast(entry(path, stat, target(path, stat)));
    }
  }

  /** Sends a directory's own entry, after those above it. */
  private void send(Level at) {
    if (at.above != null) {
      send(at.above);
    }
    if (at.unsent != null) {
      ready.addLast(at.unsent);
      at.unsent = null;
    }
  }

  private String target(String path, FileStat stat) throws IOException {
    if (stat.isSymlink()) {
      return Files.readSymbolicLink(root.resolve(path)).toString();
    }
    if (!stat.isRegular() || stat.links() < 2) {
      return "";
    }
    String first = sent.putIfAbsent(new Identity(stat.fileSystem(), stat.inode()), path);
    return first == null ? "" : first;
  }

  private FileSync.Entry entry(String path, FileStat stat, String target) throws IOException {
    return new FileSync.Entry(
        path,
        stat.mode(),
        0,
        0,
        stat.isRegular() ? stat.sizeBytes() : 0,
        stat.modifiedNanos(),
        target,
        stat.deviceMajor(),
        stat.deviceMinor(),
        attributes(path, stat));
  }

  /** Only files and directories have those that are sent. */
  private Map<String, Bytes> attributes(String path, FileStat stat) throws IOException {
    if (!stat.isRegular() && !stat.isDirectory()) {
      return Map.of();
    }
    try {
      return SentAttributes.of(kernel.attributes(root.resolve(path)));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        throw vanished(path, e);
      }
      throw e;
    }
  }

  private FileStat stat(String path) throws IOException {
    try {
      return kernel.stat(root.resolve(path));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        throw vanished(path, e);
      }
      throw e;
    }
  }

  private BuildException vanished(String path, IOException cause) {
    return new BuildException(
        Code.FAILED,
        root.resolve(path) + ": was removed while the build read it; build again",
        cause);
  }

  private String[] names(String path) throws IOException {
    Path directory = root.resolve(path);
    String[] names = directory.toFile().list();
    if (names == null) {
      if (Files.exists(directory)) {
        throw new BuildException(
            Code.FAILED,
            directory + ": cannot be listed; change its mode or name it in .dockerignore");
      }
      throw vanished(path, new NoSuchFileException(directory.toString()));
    }
    for (String name : names) {
      if (name.indexOf(NO_TEXT) >= 0) {
        throw new BuildException(
            Code.INVALID,
            directory
                + ": the name '"
                + name
                + "' is not UTF-8, or jbuild does not run in a UTF-8 locale;"
                + " rename the file, or start jbuild with LC_ALL=C.UTF-8");
      }
    }
    Arrays.sort(names, NameOrder.BY_BYTES);
    return names;
  }
}
