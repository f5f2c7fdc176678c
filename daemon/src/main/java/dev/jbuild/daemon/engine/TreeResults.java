package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.FileEntry;
import dev.jbuild.daemon.build.ResultSnapshots;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.FilePart;
import dev.jbuild.ops.Trees;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.PathResolver;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Results as states of the layer store, and files read out of them. */
record TreeResults(Trees trees) implements ResultSnapshots {
  /** One answer has to fit into a message. */
  private static final int ENTRIES = 50_000;

  /** Looks into files. */
  private interface Reading<T> {
    T from(FileTree tree, @Nullable FileNode found) throws IOException;
  }

  @Override
  public Snapshot snapshot(Result result) throws InterruptedException {
    return trees.snapshot(result);
  }

  @Override
  public Optional<Bytes> read(Result root, String path, int limitBytes)
      throws InterruptedException {
    return reading(
        root,
        path,
        (tree, file) -> {
          if (file == null) {
            return Optional.empty();
          }
          long size = regular(file, path).stat().sizeBytes();
          if (size > limitBytes) {
            throw new BuildException(
                Code.INVALID,
                "'" + path + "' has " + size + " bytes, at most " + limitBytes + " are read");
          }
          return Optional.of(Bytes.copyOf(Files.readAllBytes(file.file())));
        });
  }

  @Override
  public Optional<Bytes> readHead(Result root, String path, int maxBytes)
      throws InterruptedException {
    return reading(
        root,
        path,
        (tree, file) ->
            file == null || !file.stat().isRegular()
                ? Optional.empty()
                : Optional.of(FilePart.read(file.file(), 0, maxBytes)));
  }

  @Override
  public Bytes readPart(Result root, String path, long offset, int maxBytes)
      throws InterruptedException {
    return reading(
        root,
        path,
        (tree, found) -> {
          FileNode file = regular(present(found, "open", path), path);
          return FilePart.read(file.file(), offset, maxBytes);
        });
  }

  @Override
  public List<FileEntry> list(Result root, String path) throws InterruptedException {
    return reading(
        root,
        path,
        (tree, found) -> {
          FileNode directory = present(found, "open", path);
          if (!directory.isDirectory()) {
            throw new BuildException(Code.INVALID, "open " + path + ": not a directory");
          }
          List<FileNode> nodes = tree.list(directory);
          if (nodes.size() > ENTRIES) {
            throw new BuildException(
                Code.RESOURCE_EXHAUSTED,
                "directory '"
                    + path
                    + "' has "
                    + nodes.size()
                    + " entries, at most "
                    + ENTRIES
                    + " are listed");
          }
          var entries = new ArrayList<FileEntry>();
          for (FileNode node : nodes) {
            entries.add(entry(tree, node));
          }
          return List.copyOf(entries);
        });
  }

  @Override
  public FileEntry stat(Result root, String path) throws InterruptedException {
    return reading(root, path, (tree, found) -> entry(tree, present(found, "stat", path)));
  }

  private <T> T reading(Result root, String path, Reading<T> work) throws InterruptedException {
    try {
      FileTree tree = trees.tree(root);
      return work.from(tree, new PathResolver(tree).find(path));
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "reading '" + path + "': " + e.getMessage(), e);
    }
  }

  /** Frontends look at how the text ends. */
  private static FileNode present(@Nullable FileNode found, String call, String path) {
    if (found == null) {
      throw new BuildException(Code.NOT_FOUND, call + " " + path + ": no such file or directory");
    }
    return found;
  }

  private static FileNode regular(FileNode file, String path) {
    if (!file.stat().isRegular()) {
      throw new BuildException(Code.INVALID, "'" + path + "' is not a regular file");
    }
    return file;
  }

  private static FileEntry entry(FileTree tree, FileNode node) throws IOException {
    var attributes = new TreeMap<String, Bytes>();
    if (!node.stat().isSymlink()) {
      tree.attributes(node).forEach((name, value) -> attributes.put(name, Bytes.copyOf(value)));
    }
    return FileEntry.of(node.name(), node.stat(), node.linkTarget(), attributes);
  }

  @Override
  public Optional<Instant> newest(Result root) throws InterruptedException {
    try {
      FileTree tree = trees.tree(root);
      long nanos = Long.MIN_VALUE;
      var left = new ArrayDeque<FileNode>(tree.list(tree.root()));
      while (!left.isEmpty()) {
        FileNode node = left.pop();
        nanos = Math.max(nanos, node.stat().modifiedNanos());
        if (node.isDirectory()) {
          tree.list(node).forEach(left::push);
        }
      }
      return nanos == Long.MIN_VALUE
          ? Optional.empty()
          : Optional.of(Instant.EPOCH.plusNanos(nanos));
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "reading times of files: " + e.getMessage(), e);
    }
  }
}
