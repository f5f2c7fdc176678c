package dev.jbuild.diff;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.Listing;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.PathResolver;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes a layer that was unpacked alone fit the layers below it: what its tar took for granted is
 * theirs to say. For one layer and one thread.
 */
final class LayerFit {
  private static final int PERMISSIONS = 0755;

  private final Path directory;
  private final MergedTree lower;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final LayerEditor layer;

  /**
   * @param directory of the layer, not committed yet
   * @param lower the layers below, merged
   */
  LayerFit(Path directory, MergedTree lower, Kernel kernel, Whiteouts whiteouts) {
    this.directory = directory;
    this.lower = lower;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.layer = lower.edit(directory);
  }

  /**
   * @param implicit directories that the tar had no entry for
   */
  void fit(Set<String> implicit) throws IOException {
    if (whiteouts.isOpaque(directory)) {
      hideAllBelow();
    }
    var left = new TreeSet<>(implicit);
    for (String path : implicit.stream().sorted().toList()) {
      FileNode below = lower.lookup(path);
      if (left.contains(path) && below != null && below.stat().isSymlink()) {
        moveBehind(path, implicit);
        left.remove(path);
        left.subSet(path + "/", path + "0").clear(); // '0' follows '/'
      }
    }
    layer.finish();
    left.add(""); // the root has no entry
    ImplicitDirectories.adopt(left, directory, lower, kernel);
  }

  /** The kernel merges the roots of all layers: an opaque one must say so name by name. */
  private void hideAllBelow() throws IOException {
    Set<String> own = new HashSet<>(Arrays.asList(Listing.names(directory)));
    for (FileNode below : lower.list(lower.root())) {
      Path here = directory.resolve(below.name());
      if (!own.contains(below.name())) {
        whiteouts.hide(here);
      } else if (below.isDirectory() && kernel.stat(here).isDirectory()) {
        whiteouts.makeOpaque(here);
      }
    }
  }

  /** The layers below have a symbolic link here: what the tar puts in goes where that leads. */
  private void moveBehind(String path, Set<String> implicit) throws IOException {
    String real = new PathResolver(lower).follow(path);
    Path aside = directory.resolveSibling("aside");
    Files.move(directory.resolve(path), aside, StandardCopyOption.ATOMIC_MOVE);
    makeDirectories(real);
    moveChildren(aside, path, real, implicit);
    TreeDeletion.delete(aside);
  }

  private void makeDirectories(String path) throws IOException {
    FileNode there = layer.lookup(path);
    if (there != null && there.isDirectory()) {
      return;
    }
    if (there != null) {
      throw new TarException("layer: '" + path + "' is not a directory in the layers below");
    }
    makeDirectories(FileTree.parent(path));
    layer.makeDirectory(path);
    layer.describe(path, FileStat.DIRECTORY, new Metadata(0, 0, PERMISSIONS, 0, Map.of()));
  }

  private void moveChildren(Path from, String tarPath, String to, Set<String> implicit)
      throws IOException {
    for (String name : Listing.names(from)) {
      Path source = from.resolve(name);
      String target = FileTree.join(to, name);
      FileStat stat = kernel.stat(source);
      if (!stat.isDirectory()) {
        Files.move(source, layer.place(target), StandardCopyOption.ATOMIC_MOVE);
        continue;
      }
      String inTar = FileTree.join(tarPath, name);
      boolean made = layer.makeDirectory(target);
      if (made || !implicit.contains(inTar)) {
        Path real = layer.copyUp(target);
        var attributes = new TreeMap<>(kernel.attributes(source));
        attributes.keySet().removeIf(whiteouts::isOwn);
        layer.describe(target, FileStat.DIRECTORY, Metadata.of(stat, attributes));
        if (whiteouts.isOpaque(source)) {
          whiteouts.makeOpaque(real);
        }
      }
      moveChildren(source, inTar, target, implicit);
    }
  }
}
