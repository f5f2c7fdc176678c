package dev.jbuild.snapshot.overlay;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Listing;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stands in for the lowest layers of stacks that are too high: overlayfs takes 500. They are merged
 * into one directory of hard links, 256 layers at a time. These directories may be thrown away at
 * any time but during a mount. Thread-safe.
 */
final class FlatLayers {
  private static final String PREFIX = ".flat-";
  private static final int BLOCK = 256;

  /** Below the kernel's limit of 500. */
  private static final int MAX_LOWERS = 480;

  private final LayerDirectories directories;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final Map<Path, Set<LayerId>> made = new HashMap<>();

  FlatLayers(LayerDirectories directories, Kernel kernel, Whiteouts whiteouts) {
    this.directories = directories;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
  }

  void open() throws IOException {
    for (String name : Listing.names(directories.root())) {
      if (name.startsWith(PREFIX)) {
        TreeDeletion.delete(directories.root().resolve(name));
      }
    }
  }

  /** What to mount for the stack, top first, as many as overlayfs takes. */
  List<Path> lowers(Snapshot snapshot) throws IOException {
    List<LayerId> layers = snapshot.layers();
    int merged = 0;
    while (layers.size() - merged >= MAX_LOWERS) {
      merged += BLOCK;
    }
    var lowers = new ArrayList<Path>();
    if (merged > 0) {
      lowers.add(merged(layers.subList(0, merged)));
    }
    for (LayerId layer : layers.subList(merged, layers.size())) {
      lowers.add(directories.differences(layer));
    }
    return lowers.reversed();
  }

  void removeWith(LayerId layer) throws IOException {
    synchronized (made) {
      for (Path flat : List.copyOf(made.keySet())) {
        Set<LayerId> members = made.get(flat);
        if (members != null && members.contains(layer)) {
          made.remove(flat);
          TreeDeletion.delete(flat);
        }
      }
    }
  }

  private Path merged(List<LayerId> layers) throws IOException {
    Path flat = directories.root().resolve(PREFIX + name(layers));
    synchronized (made) { // merging is rare, and twice the same would be waste
      if (made.containsKey(flat)) {
        return flat;
      }
      var parts = new ArrayList<MergedTree.Layer>();
      int block = layers.size() - BLOCK;
      if (block > 0) {
        parts.add(new MergedTree.Layer(layers.getFirst(), merged(layers.subList(0, block))));
      }
      for (LayerId layer : layers.subList(block, layers.size())) {
        parts.add(new MergedTree.Layer(layer, directories.differences(layer)));
      }
      link(new MergedTree(parts, kernel, whiteouts, FileDigests.uncached()), flat);
      made.put(flat, new HashSet<>(layers));
      return flat;
    }
  }

  private static String name(List<LayerId> layers) {
    var text = new StringBuilder();
    layers.forEach(layer -> text.append(layer.value()).append('\n'));
    return Digest.of(text.toString().getBytes(StandardCharsets.US_ASCII)).hex();
  }

  private void link(MergedTree tree, Path flat) throws IOException {
    Path unfinished = flat.resolveSibling(flat.getFileName() + ".part");
    TreeDeletion.delete(unfinished);
    Files.createDirectory(unfinished);
    linkChildren(tree, tree.root(), unfinished);
    Files.move(unfinished, flat, StandardCopyOption.ATOMIC_MOVE);
  }

  private void linkChildren(MergedTree tree, FileNode directory, Path target) throws IOException {
    var writer = new NodeWriter(kernel);
    for (FileNode child : tree.list(directory)) {
      Path at = target.resolve(child.name());
      if (child.isDirectory()) {
        Files.createDirectory(at);
        linkChildren(tree, child, at);
      } else {
        linkOrCopy(tree, child, at, writer);
      }
    }
    var metadata = Metadata.of(directory.stat(), tree.attributes(directory));
    writer.apply(metadata, FileStat.DIRECTORY, target);
  }

  private void linkOrCopy(MergedTree tree, FileNode node, Path at, NodeWriter writer)
      throws IOException {
    try {
      kernel.link(node.file(), at);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EMLINK) {
        throw e;
      }
      writer.copy(node, at);
      writer.apply(Metadata.of(node.stat(), tree.attributes(node)), node.stat().type(), at);
    }
  }
}
