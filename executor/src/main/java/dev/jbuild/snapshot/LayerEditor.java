package dev.jbuild.snapshot;

import dev.jbuild.ignore.NameOrder;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a layer without mounting it: each change goes into the layer's directory in the form that
 * overlayfs would have left there, and can be read back at once through {@link FileTree}. A
 * directory of the layers below that is written into keeps its metadata, its time too. Paths are
 * real ones (see {@link PathResolver}); the directories above a path that is made must exist. For
 * one thread; nothing else may write the layer meanwhile.
 */
public final class LayerEditor implements FileTree {
  private final Path directory;
  private final FileTree lower;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final NodeWriter writer;
  private final Map<String, Edited> directories = new HashMap<>();
  private final Map<String, Long> times = new LinkedHashMap<>();

  /** A directory of the merged view. */
  private static final class Edited {
    private final Set<String> names;
    private final boolean showsLower;
    private boolean present;

    /**
     * @param present whether it is in the layer itself
     * @param showsLower whether the layers below have it, too, and are not hidden
     * @param names in the layer itself, whiteouts included
     */
    Edited(boolean present, boolean showsLower, Set<String> names) {
      this.present = present;
      this.showsLower = showsLower;
      this.names = names;
    }
  }

  /**
   * @param directory the layer's, see {@link Snapshotter.ActiveLayer#directory()}
   * @param lower the layers below, merged
   */
  public LayerEditor(Path directory, FileTree lower, Kernel kernel, Whiteouts whiteouts) {
    this.directory = directory;
    this.lower = lower;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.writer = new NodeWriter(kernel);
  }

  @Override
  public @Nullable FileNode lookup(String path) throws IOException {
    if (path.isEmpty()) {
      return node(path);
    }
    Edited parent = edited(FileTree.parent(path));
    if (parent == null) {
      return null;
    }
    if (parent.names.contains(name(path))) {
      return node(path);
    }
    return parent.showsLower ? lower.lookup(path) : null;
  }

  @Override
  public List<FileNode> list(FileNode of) throws IOException {
    Edited merged = edited(of.path());
    if (merged == null) {
      return List.of();
    }
    var nodes = new TreeMap<String, FileNode>(NameOrder.BY_BYTES);
    if (merged.showsLower) {
      for (FileNode below : lower.list(of)) {
        nodes.put(below.name(), below);
      }
    }
    for (String name : merged.names) {
      FileNode node = node(FileTree.join(of.path(), name));
      if (node == null) {
        nodes.remove(name);
      } else {
        nodes.put(name, node);
      }
    }
    return new ArrayList<>(nodes.values());
  }

  @Override
  public Map<String, byte[]> attributes(FileNode node) throws IOException {
    if (node.layer() != null) {
      return lower.attributes(node);
    }
    var attributes = new TreeMap<>(kernel.attributes(node.file()));
    attributes.keySet().removeIf(whiteouts::isOwn);
    return attributes;
  }

  @Override
  public Digest digest(FileNode file) throws IOException {
    return file.layer() != null ? lower.digest(file) : FileDigests.hash(file.file());
  }

  /**
   * Makes room for something that is no directory: what is there is removed, with all below it.
   *
   * @return where the caller makes it now
   */
  public Path place(String path) throws IOException {
    Edited parent = open(FileTree.parent(path));
    if (parent.names.add(name(path))) {
      forget(path);
    } else {
      delete(path);
    }
    return real(path);
  }

  /**
   * Makes an empty directory, mode 0700; something else at the path is removed.
   *
   * @return false when the path is a directory already: nothing is done then
   */
  public boolean makeDirectory(String path) throws IOException {
    if (edited(path) != null) {
      return false;
    }
    Edited parent = open(FileTree.parent(path));
    boolean hidden = !parent.names.add(name(path));
    if (hidden) {
      delete(path);
    }
    Path made = real(path);
    Files.createDirectory(made);
    if (hidden && parent.showsLower) {
      FileNode below = lower.lookup(path);
      if (below != null && below.isDirectory()) {
        whiteouts.makeOpaque(made);
      }
    }
    directories.put(path, new Edited(true, false, new HashSet<>()));
    return true;
  }

  /** Removes what is at the path, with all below it; the root cannot be removed. */
  public void remove(String path) throws IOException {
    Edited parent = open(FileTree.parent(path));
    if (parent.names.remove(name(path))) {
      delete(path);
    } else {
      forget(path);
    }
    if (parent.showsLower && lower.lookup(path) != null) {
      whiteouts.hide(real(path));
      parent.names.add(name(path));
    }
  }

  /**
   * Brings what is at the path into the layer, as a change of it would.
   *
   * @return its place in the layer's directory
   */
  public Path copyUp(String path) throws IOException {
    FileNode node = lookup(path);
    if (node == null) {
      throw new IllegalStateException("nothing to copy up at " + path);
    }
    if (node.isDirectory()) {
      open(path);
    } else if (node.layer() != null) {
      Path target = place(path);
      writer.copy(node, target);
      writer.apply(Metadata.of(node.stat(), lower.attributes(node)), node.stat().type(), target);
    }
    return real(path);
  }

  /**
   * Sets the metadata of a path that is in the layer itself; a directory gets its time at the end.
   *
   * @param type of what is there, {@link FileStat#TYPE_MASK}
   */
  public void describe(String path, int type, Metadata metadata) throws IOException {
    writer.apply(metadata, type, real(path));
    if (type == FileStat.DIRECTORY) {
      times.put(path, metadata.modifiedNanos());
    }
  }

  /** Gives directories their times, which writing into them has changed. */
  public void finish() throws IOException {
    for (Map.Entry<String, Long> time : times.entrySet()) {
      kernel.changeTimes(real(time.getKey()), time.getValue(), time.getValue());
    }
    times.clear();
  }

  private Path real(String path) {
    return directory.resolve(path);
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A node of the layer itself; null for a whiteout. */
  private @Nullable FileNode node(String path) throws IOException {
    Path file = real(path);
    FileStat stat = kernel.stat(file);
    if (whiteouts.isHidden(file, stat)) {
      return null;
    }
    String target = stat.isSymlink() ? Files.readSymbolicLink(file).toString() : "";
    return new FileNode(path, stat, target, file, null);
  }

  /** The directory at the path; null when none is there. */
  private @Nullable Edited edited(String path) throws IOException {
    Edited known = directories.get(path);
    if (known == null) {
      known = path.isEmpty() ? read(path, true) : load(path);
      if (known != null) {
        directories.put(path, known);
      }
    }
    return known;
  }

  private @Nullable Edited load(String path) throws IOException {
    Edited parent = edited(FileTree.parent(path));
    if (parent == null) {
      return null;
    }
    if (parent.names.contains(name(path))) {
      return kernel.stat(real(path)).isDirectory() ? read(path, parent.showsLower) : null;
    }
    return parent.showsLower && isLowerDirectory(path)
        ? new Edited(false, true, new HashSet<>())
        : null;
  }

  private Edited read(String path, boolean parentShowsLower) throws IOException {
    Path at = real(path);
    boolean showsLower = parentShowsLower && isLowerDirectory(path) && !whiteouts.isOpaque(at);
    return new Edited(true, showsLower, new HashSet<>(Arrays.asList(Listing.names(at))));
  }

  private boolean isLowerDirectory(String path) throws IOException {
    FileNode below = lower.lookup(path);
    return below != null && below.isDirectory();
  }

  /** The directory at the path, in the layer itself and about to be written. */
  private Edited open(String path) throws IOException {
    Edited at = edited(path);
    if (at == null) {
      throw new IllegalStateException("no directory at '" + path + "' to write into");
    }
    if (at.present) {
      if (!times.containsKey(path)) {
        times.put(path, kernel.stat(real(path)).modifiedNanos());
      }
      return at;
    }
    Edited parent = open(FileTree.parent(path));
    FileNode below = lower.lookup(path);
    if (below == null) {
      throw new IllegalStateException("directory '" + path + "' is gone from the layers below");
    }
    Files.createDirectory(real(path));
    writer.apply(
        Metadata.of(below.stat(), lower.attributes(below)), FileStat.DIRECTORY, real(path));
    times.put(path, below.stat().modifiedNanos());
    parent.names.add(name(path));
    at.present = true;
    return at;
  }

  private void delete(String path) throws IOException {
    TreeDeletion.delete(real(path));
    forget(path);
  }

  private void forget(String path) {
    if (directories.remove(path) != null) {
      String below = path + "/";
      directories.keySet().removeIf(known -> known.startsWith(below));
      times.remove(path);
      times.keySet().removeIf(known -> known.startsWith(below));
    }
  }
}
