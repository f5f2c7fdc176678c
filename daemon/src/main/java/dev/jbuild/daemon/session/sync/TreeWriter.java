package dev.jbuild.daemon.session.sync;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.snapshot.TreeDeletion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes what a walk gives into a directory: what is in the way of a path is replaced, other files
 * stay, owners are those of the process. Nothing outside the directory is written, whatever the
 * walk says: each path lies in a directory that this walk gave before, and that is one. For one
 * thread and one walk.
 */
final class TreeWriter {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int PERMISSIONS = 07777;

  private final Kernel kernel;
  private final Path root;
  private final Set<String> written = new HashSet<>();
  private final Deque<FileSync.Entry> directories = new ArrayDeque<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  /**
   * @param root a directory that exists
   */
  TreeWriter(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
  }

  /**
   * Writes all of it.
   *
   * @throws BuildException DATA_LOSS when the walk leads astray
   */
  void write(FileSync.Walk walk) throws IOException {
    while (walk.hasNext()) {
      write(walk.next(), walk);
    }
    // Times and modes of directories change, or hinder, while files are made in them.
    while (!directories.isEmpty()) {
      FileSync.Entry directory = directories.pop();
      describe(directory, root.resolve(directory.path()));
    }
  }

  private void write(FileSync.Entry entry, FileSync.Walk walk) throws IOException {
    Path target = place(entry);
    int type = entry.mode() & FileStat.TYPE_MASK;
    boolean directory = type == FileStat.DIRECTORY;
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
        && !(directory && Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS))) {
      TreeDeletion.delete(target);
    }
    if (directory) {
      if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(target);
      }
      directories.push(entry);
    } else if (type == FileStat.REGULAR) {
      if (entry.linkTarget().isEmpty()) {
        copy(entry, target, walk);
      } else if (written.contains(entry.linkTarget())) {
        kernel.link(root.resolve(entry.linkTarget()), target);
      } else {
        throw wrong(entry, "is a hard link to '" + entry.linkTarget() + "', which was not sent");
      }
      written.add(entry.path());
    } else if (type == FileStat.SYMLINK) {
      Files.createSymbolicLink(target, Path.of(entry.linkTarget()));
      kernel.changeTimes(target, entry.modifiedNanos(), entry.modifiedNanos());
    } else {
      kernel.makeNode(target, entry.mode(), (int) entry.deviceMajor(), (int) entry.deviceMinor());
      describe(entry, target);
    }
  }

  /** Where an entry belongs; its directory is the last one given that is not yet left. */
  private Path place(FileSync.Entry entry) throws IOException {
    String path = entry.path();
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    String parent = slash < 0 ? "" : path.substring(0, slash);
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
      throw wrong(entry, "is no path");
    }
    while (!directories.isEmpty() && !parent.equals(directories.element().path())) {
      FileSync.Entry left = directories.pop();
      describe(left, root.resolve(left.path()));
    }
    if (!parent.isEmpty() && directories.isEmpty()) {
      throw wrong(entry, "came without its directory");
    }
    return root.resolve(path);
  }

  private static BuildException wrong(FileSync.Entry entry, String why) {
    return new BuildException(Code.DATA_LOSS, "the output's files: '" + entry.path() + "' " + why);
  }

  private void copy(FileSync.Entry entry, Path target, FileSync.Walk walk) throws IOException {
    Path early = target.resolveSibling(".jbuild-" + Long.toHexString(System.nanoTime()));
    boolean whole = false;
    try (ReadableByteChannel from = walk.read(entry);
        FileChannel to =
            FileChannel.open(early, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      buffer.clear();
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(early);
      }
    }
    describe(entry, early);
    Files.move(early, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void describe(FileSync.Entry entry, Path target) throws IOException {
    for (Map.Entry<String, Bytes> attribute : entry.attributes().entrySet()) {
      setAttribute(target, attribute.getKey(), attribute.getValue().toArray());
    }
    kernel.changeMode(target, entry.mode() & PERMISSIONS);
    kernel.changeTimes(target, entry.modifiedNanos(), entry.modifiedNanos());
  }

  /** Where the file system has none, or the user may not set it, a file goes without. */
  private void setAttribute(Path target, String name, byte[] value) throws IOException {
    try {
      kernel.setAttribute(target, name, value);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOTSUP && e.errno() != Errno.EPERM) {
        throw e;
      }
    }
  }
}
