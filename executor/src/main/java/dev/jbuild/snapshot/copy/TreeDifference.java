package dev.jbuild.snapshot.copy;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeChanges;
import dev.jbuild.snapshot.NodeWriter;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;

/** Moves what a step changed in its copy of the parent into the layer's directory. */
final class TreeDifference {
  private final FileTree before;
  private final FileTree after;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final NodeChanges changes;

  TreeDifference(FileTree before, Path full, Kernel kernel, Whiteouts whiteouts) {
    this.before = before;
    this.after =
        new MergedTree(
            List.of(new MergedTree.Layer(new LayerId("full"), full)),
            kernel,
            whiteouts,
            FileDigests.uncached());
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.changes = new NodeChanges(before, after);
  }

  void moveTo(Path differences) throws IOException {
    var layer = new LayerEditor(differences, before, kernel, whiteouts);
    FileNode root = after.root();
    children(root, layer);
    layer.finish();
    var metadata = Metadata.of(root.stat(), after.attributes(root));
    new NodeWriter(kernel).apply(metadata, FileStat.DIRECTORY, differences);
  }

  private void children(FileNode directory, LayerEditor layer) throws IOException {
    var present = new HashSet<String>();
    for (FileNode child : after.list(directory)) {
      present.add(child.name());
      move(child, layer);
    }
    FileNode old = before.lookup(directory.path());
    if (old == null || !old.isDirectory()) {
      return;
    }
    for (FileNode child : before.list(old)) {
      if (!present.contains(child.name())) {
        layer.remove(child.path());
      }
    }
  }

  private void move(FileNode now, LayerEditor layer) throws IOException {
    FileNode old = before.lookup(now.path());
    if (!now.isDirectory()) {
      if (old == null || changes.differs(old, now)) {
        Path target = layer.place(now.path());
        Files.move(now.file(), target, StandardCopyOption.ATOMIC_MOVE);
      }
      return;
    }
    layer.makeDirectory(now.path());
    if (old == null
        || changes.differs(old, now)
        || old.stat().modifiedNanos() != now.stat().modifiedNanos()) {
      layer.copyUp(now.path());
      var metadata = Metadata.of(now.stat(), after.attributes(now));
      layer.describe(now.path(), FileStat.DIRECTORY, metadata);
    }
    children(now, layer);
  }
}
