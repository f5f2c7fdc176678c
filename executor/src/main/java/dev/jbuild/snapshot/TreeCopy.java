package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies a tree or a part of it with all metadata; hard links inside a layer stay links. */
public final class TreeCopy {
  private final FileTree tree;
  private final Kernel kernel;
  private final NodeWriter writer;
  private final Map<Identity, Path> copied = new HashMap<>();

  /** What makes two paths one file. */
  private record Identity(@Nullable LayerId layer, long inode) {}

  public TreeCopy(FileTree tree, Kernel kernel) {
    this.tree = tree;
    this.kernel = kernel;
    this.writer = new NodeWriter(kernel);
  }

  /**
   * @param target does not exist
   */
  public void to(Path target) throws IOException {
    copy(tree.root(), target);
  }

  /**
   * Copies the node with all below it; the copy shares nothing with the tree.
   *
   * @param target does not exist
   */
  public void copy(FileNode node, Path target) throws IOException {
    if (!node.isDirectory() && node.stat().links() > 1) {
      Path first = copied.putIfAbsent(new Identity(node.layer(), node.stat().inode()), target);
      if (first != null) {
        kernel.link(first, target);
        return;
      }
    }
    writer.copy(node, target);
    if (node.isDirectory()) {
      for (FileNode child : tree.list(node)) {
        copy(child, target.resolve(child.name()));
      }
    }
    var metadata = Metadata.of(node.stat(), tree.attributes(node));
    writer.apply(metadata, node.stat().mode() & FileStat.TYPE_MASK, target);
  }
}
