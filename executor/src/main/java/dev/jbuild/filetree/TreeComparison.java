package dev.jbuild.filetree;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeChanges;
import dev.jbuild.snapshot.NodeWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What makes one tree of another, as a layer: what is new or differs, and whiteouts for what is
 * gone. Files that the new tree has under several names stay one file. For one thread.
 */
public final class TreeComparison {
  private final MergedTree before;
  private final FileTree after;
  private final Kernel kernel;
  private final NodeChanges changes;
  private final NodeWriter writer;
  private final Map<Identity, Path> written = new HashMap<>();

  /** What makes two paths one file. */
  private record Identity(@Nullable LayerId layer, long inode) {}

  public TreeComparison(MergedTree before, FileTree after, Kernel kernel) {
    this.before = before;
    this.after = after;
    this.kernel = kernel;
    this.changes = new NodeChanges(before, after);
    this.writer = new NodeWriter(kernel);
  }

  /**
   * @param directory of an empty layer
   */
  public void write(Path directory) throws IOException {
    LayerEditor layer = before.edit(directory);
    FileNode root = after.root();
    children(root, layer);
    layer.finish();
    writer.apply(Metadata.of(root.stat(), after.attributes(root)), FileStat.DIRECTORY, directory);
  }

  private void children(FileNode directory, LayerEditor layer) throws IOException {
    var present = new HashSet<String>();
    for (FileNode child : after.list(directory)) {
      present.add(child.name());
      write(child, layer);
    }
    FileNode old = before.lookup(directory.path());
    if (old != null && old.isDirectory()) {
      for (FileNode child : before.list(old)) {
        if (!present.contains(child.name())) {
          layer.remove(child.path());
        }
      }
    }
  }

  private void write(FileNode now, LayerEditor layer) throws IOException {
    FileNode old = before.lookup(now.path());
    boolean differs = old == null || changes.differs(old, now);
    boolean sameTime = old != null && old.stat().modifiedNanos() == now.stat().modifiedNanos();
    if (now.isDirectory()) {
      layer.makeDirectory(now.path());
      if (differs || !sameTime) {
        layer.copyUp(now.path());
        layer.describe(now.path(), FileStat.DIRECTORY, metadata(now));
      }
      children(now, layer);
    } else if (differs) {
      Path target = layer.place(now.path());
      Path first =
          now.stat().links() > 1
              ? written.putIfAbsent(new Identity(now.layer(), now.stat().inode()), target)
              : null;
      if (first == null) {
        writer.copy(now, target);
        layer.describe(now.path(), now.stat().type(), metadata(now));
      } else {
        kernel.link(first, target);
      }
    }
  }

  private Metadata metadata(FileNode node) throws IOException {
    return Metadata.of(node.stat(), after.attributes(node));
  }
}
