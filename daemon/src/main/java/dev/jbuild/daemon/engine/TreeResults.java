package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.ResultSnapshots;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
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
import java.util.Optional;

/** Results as states of the layer store, and files read out of them. */
record TreeResults(Trees trees) implements ResultSnapshots {

  @Override
  public Snapshot snapshot(Result result) throws InterruptedException {
    return trees.snapshot(result);
  }

  @Override
  public Optional<Bytes> read(Result root, String path, int limitBytes)
      throws InterruptedException {
    try {
      FileNode file = new PathResolver(trees.tree(root)).find(path);
      if (file == null) {
        return Optional.empty();
      }
      if (!file.stat().isRegular()) {
        throw new BuildException(Code.INVALID, "'" + path + "' is not a regular file");
      }
      if (file.stat().sizeBytes() > limitBytes) {
        throw new BuildException(
            Code.INVALID,
            "'"
                + path
                + "' has "
                + file.stat().sizeBytes()
                + " bytes, at most "
                + limitBytes
                + " are read");
      }
      return Optional.of(Bytes.copyOf(Files.readAllBytes(file.file())));
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "reading '" + path + "': " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<Bytes> readHead(Result root, String path, int maxBytes)
      throws InterruptedException {
    try {
      FileNode file = new PathResolver(trees.tree(root)).find(path);
      if (file == null || !file.stat().isRegular()) {
        return Optional.empty();
      }
      try (var in = Files.newInputStream(file.file())) {
        return Optional.of(Bytes.copyOf(in.readNBytes(maxBytes)));
      }
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "reading '" + path + "': " + e.getMessage(), e);
    }
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
