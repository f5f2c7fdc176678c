package dev.jbuild.export.local;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import dev.jbuild.snapshot.TreeDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies a tree into a directory: what is in the way of a path is replaced, other files stay, and
 * no symbolic link that was there is followed. Owners and attributes are kept by root only. What a
 * copy that fails has made is removed again. For one thread and one copy.
 */
final class TreeCopy {
  private static final String COPYING = "copying files";

  private final Kernel kernel;
  private final NodeWriter writer;
  private final long newestNanos;
  private final TransferProgress progress;
  private final boolean root;
  private final Map<Inode, Path> linked = new HashMap<>();
  private final Deque<Path> made = new ArrayDeque<>();
  private long bytes;

  private record Inode(long fileSystem, long number) {}

  TreeCopy(Kernel kernel, long newestNanos, TransferProgress progress) {
    this.kernel = kernel;
    this.writer = new NodeWriter(kernel);
    this.newestNanos = newestNanos;
    this.progress = progress;
    this.root = kernel.effectiveUserId() == 0;
  }

  /** Copies all but the root itself. */
  void run(FileTree tree, Path directory) throws IOException, InterruptedException {
    boolean whole = false;
    try {
      below(tree, tree.root(), directory);
      whole = true;
    } finally {
      if (!whole) {
        undo();
      }
    }
    progress.status(COPYING, bytes, bytes, true);
  }

  private void undo() throws IOException {
    for (Path path : made) {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        TreeDeletion.delete(path); // it was not there before, so all in it is ours
      } else {
        Files.deleteIfExists(path);
      }
    }
  }

  private void below(FileTree tree, FileNode directory, Path target)
      throws IOException, InterruptedException {
    for (FileNode node : tree.list(directory)) {
      if (Thread.interrupted()) {
        throw new InterruptedException("cancelled while copying files");
      }
      if (node.stat().type() != FileStat.SOCKET) {
        node(tree, node, target.resolve(node.name()));
      }
    }
  }

  private void node(FileTree tree, FileNode node, Path target)
      throws IOException, InterruptedException {
    FileStat there = stat(target);
    boolean merge = there != null && there.isDirectory() && node.isDirectory();
    if (there != null && !merge) {
      TreeDeletion.delete(target);
    }
    if (!merge) {
      made.push(target);
      Path first = first(node, target);
      if (first != null) {
        kernel.link(first, target);
        return;
      }
      writer.copy(node, target);
      bytes += node.stat().isRegular() ? node.stat().sizeBytes() : 0;
      progress.status(COPYING, bytes, 0, false);
    }
    if (node.isDirectory()) {
      below(tree, node, target);
    }
    describe(tree, node, target);
  }

  private @Nullable FileStat stat(Path target) throws IOException {
    return Files.exists(target, LinkOption.NOFOLLOW_LINKS) ? kernel.stat(target) : null;
  }

  /** Where another name of the same file has been copied to; null for the first. */
  private @Nullable Path first(FileNode node, Path target) {
    FileStat stat = node.stat();
    return stat.links() > 1 && !stat.isDirectory()
        ? linked.putIfAbsent(new Inode(stat.fileSystem(), stat.inode()), target)
        : null;
  }

  private void describe(FileTree tree, FileNode node, Path target) throws IOException {
    FileStat stat = node.stat();
    long time = Math.min(stat.modifiedNanos(), newestNanos);
    if (root) {
      var metadata =
          new Metadata(stat.uid(), stat.gid(), stat.permissions(), time, tree.attributes(node));
      writer.apply(metadata, stat.type(), target);
      return;
    }
    if (!stat.isSymlink()) {
      kernel.changeMode(target, stat.permissions());
    }
    kernel.changeTimes(target, time, time);
  }
}
