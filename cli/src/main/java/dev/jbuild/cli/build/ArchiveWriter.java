package dev.jbuild.cli.build;

import dev.jbuild.diff.Decompression;
import dev.jbuild.diff.TarEntry;
import dev.jbuild.diff.TarException;
import dev.jbuild.diff.TarReader;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.ignore.SlashPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of an archive into a directory as the caller's own. Nothing of it can leave the
 * directory: names that lead out and names behind a link are refused, and links are made, not
 * followed. Owners and extended attributes are left out, as with any context. For one thread.
 */
final class ArchiveWriter {
  private final Path root;
  private final UnpackLimits limits;
  private final byte[] buffer = new byte[1 << 16];
  private final Deque<Described> directories = new ArrayDeque<>();

  /** A directory that takes mode and time when nothing is written into it any more. */
  private record Described(Path path, TarEntry entry) {}

  /**
   * @param root exists, is empty and belongs to nobody else
   */
  ArchiveWriter(Path root, UnpackLimits limits) {
    this.root = root;
    this.limits = limits;
  }

  /**
   * @param archive a tar, compressed in any way; not closed
   * @throws IOException with the entry's name
   */
  void write(InputStream archive) throws IOException {
    var reader = new TarReader(Decompression.open(archive));
    long bytes = 0;
    long entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while unpacking");
      }
      bytes += entry.sizeBytes();
      if (bytes > limits.maxBytes() || ++entries > limits.maxEntries()) {
        throw limits.exceeded(entry.name());
      }
      add(entry, reader);
    }
    while (!directories.isEmpty()) {
      Described directory = directories.pop();
      // It may have been replaced by a file since.
      if (Files.isDirectory(directory.path, LinkOption.NOFOLLOW_LINKS)) {
        describe(directory.path, directory.entry, directory.entry.permissions());
      }
    }
  }

  private void add(TarEntry entry, TarReader content) throws IOException {
    Path path = inside(entry, entry.name());
    if (path.equals(root)) {
      return;
    }
    makeParents(entry, path);
    if (entry.type() == TarEntry.Type.DIRECTORY) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(path);
        Files.createDirectory(path);
      }
      directories.push(new Described(path, entry));
      return;
    }
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw wrong(entry, "is a directory already");
    }
    Path linked = entry.type() == TarEntry.Type.HARD_LINK ? linked(entry) : null;
    if (path.equals(linked)) {
      return;
    }
    Files.deleteIfExists(path);
    switch (entry.type()) {
      case REGULAR -> {
        copy(content, path);
        describe(path, entry, entry.permissions());
      }
      case SYMLINK -> Files.createSymbolicLink(path, Path.of(entry.linkName()));
      case HARD_LINK -> Files.createLink(path, linked);
      case CHARACTER, BLOCK, FIFO ->
          throw wrong(entry, "is a device or pipe, which no build context has");
      case DIRECTORY -> throw new IllegalStateException("made above");
    }
  }

  private @Nullable Path linked(TarEntry entry) throws IOException {
    Path target = inside(entry, entry.linkName());
    for (Path above = target.getParent();
        above != null && !above.equals(root);
        above = above.getParent()) {
      if (Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
        requireDirectory(entry, above);
      }
    }
    if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw wrong(entry, "is a hard link to '" + entry.linkName() + "', which did not come before");
    }
    return target;
  }

  /** The place of a name; the root for {@code ./}. */
  private Path inside(TarEntry entry, String name) throws TarException {
    String clean = SlashPath.clean(name.replaceFirst("^/+", "./"));
    if (clean.equals("..") || clean.startsWith("../") || name.indexOf('\0') >= 0) {
      throw wrong(entry, "'" + name + "' leads out of the directory");
    }
    return root.resolve(clean).normalize();
  }

  private void makeParents(TarEntry entry, Path path) throws IOException {
    Path above = root;
    for (Path name : root.relativize(path)) {
      above = above.resolve(name);
      if (above.equals(path)) {
        return;
      }
      if (!Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(above);
      }
      requireDirectory(entry, above);
    }
  }

  private void requireDirectory(TarEntry entry, Path path) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()) {
      throw wrong(entry, "lies behind '" + root.relativize(path) + "', which is no directory");
    }
  }

  private void copy(TarReader content, Path path) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int read; (read = content.read(buffer, 0, buffer.length)) >= 0; ) {
        out.write(buffer, 0, read);
      }
    }
  }

  private static void describe(Path path, TarEntry entry, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
    Files.setLastModifiedTime(path, FileTime.from(entry.modifiedNanos(), TimeUnit.NANOSECONDS));
  }

  private static TarException wrong(TarEntry entry, String why) {
    return new TarException("tar entry '" + entry.name() + "': " + why);
  }
}
