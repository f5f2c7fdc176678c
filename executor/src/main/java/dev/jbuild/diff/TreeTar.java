package dev.jbuild.diff;

import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a whole tree as one tar: the {@code tar} exporter's output. */
public final class TreeTar {
  private TreeTar() {}

  /**
   * Writes the tar with its end marker.
   *
   * @param newestNanos times after this become this; {@link Long#MAX_VALUE} for none
   * @param out not closed
   */
  public static void write(FileTree tree, long newestNanos, OutputStream out) throws IOException {
    var sink = new TarSink(out, newestNanos);
    FileNode root = tree.lookup("");
    if (root != null) {
      below(tree, root, sink);
    }
    sink.finish();
  }

  private static void below(FileTree tree, FileNode directory, TarSink sink) throws IOException {
    for (FileNode node : tree.list(directory)) {
      sink.node(node.path(), node.stat(), node.linkTarget(), tree.attributes(node), node.file());
      if (node.isDirectory()) {
        below(tree, node, sink);
      }
    }
  }
}
