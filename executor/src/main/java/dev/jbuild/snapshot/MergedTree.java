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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an overlay mount of a stack of layers would show, read without mounting. Names of a
 * directory are read once per layer and remembered, so that a deep stack costs no failed look-ups.
 * The layers must not change meanwhile.
 */
public final class MergedTree implements FileTree {
  private static final int MAX_REMEMBERED = 4096;

  /** A layer and its directory of differences. */
  public record Layer(LayerId id, Path directory) {}

  private final List<Layer> layers;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final FileDigests digests;
  private final Map<String, Merged> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Merged> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /** A directory that exists. */
  private static final class Merged {
    private final Map<String, int[]> names;

    /**
     * @param names to the indexes of the layers that have it, top first
     */
    Merged(Map<String, int[]> names) {
      this.names = names;
    }
  }

  /**
   * @param layers lowest first; none for an empty tree, whose root has no file
   */
  public MergedTree(List<Layer> layers, Kernel kernel, Whiteouts whiteouts, FileDigests digests) {
    this.layers = List.copyOf(layers).reversed();
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.digests = digests;
  }

  /** The layers, lowest first. */
  public List<Layer> layers() {
    return layers.reversed();
  }

  /**
   * Writes a layer on top of this tree.
   *
   * @param directory see {@link Snapshotter.ActiveLayer#directory()}
   */
  public LayerEditor edit(Path directory) {
    return new LayerEditor(directory, this, kernel, whiteouts);
  }

  @Override
  public @Nullable FileNode lookup(String path) throws IOException {
    if (path.isEmpty()) {
      return layers.isEmpty() ? emptyRoot() : node(0, "");
    }
    Merged parent = directory(FileTree.parent(path));
    if (parent == null) {
      return null;
    }
    int[] holders = parent.names.get(path.substring(path.lastIndexOf('/') + 1));
    return holders == null ? null : node(holders[0], path);
  }

  @Override
  public List<FileNode> list(FileNode directory) throws IOException {
    Merged merged = directory(directory.path());
    if (merged == null) {
      return List.of();
    }
    String[] names = merged.names.keySet().toArray(new String[0]);
    Arrays.sort(names, NameOrder.BY_BYTES);
    var nodes = new ArrayList<FileNode>(names.length);
    for (String name : names) {
      int[] holders = merged.names.get(name);
      FileNode node =
          holders == null ? null : node(holders[0], FileTree.join(directory.path(), name));
      if (node != null) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  @Override
  public Map<String, byte[]> attributes(FileNode node) throws IOException {
    if (layers.isEmpty()) {
      return Map.of();
    }
    var attributes = new TreeMap<>(kernel.attributes(node.file()));
    attributes.keySet().removeIf(whiteouts::isOwn);
    return attributes;
  }

  @Override
  public Digest digest(FileNode file) throws IOException {
    LayerId layer = file.layer();
    return layer == null
        ? FileDigests.hash(file.file())
        : digests.digest(layer, file.path(), file.file());
  }

  private static FileNode emptyRoot() {
    var stat = new FileStat(FileStat.DIRECTORY | 0755, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0);
    return new FileNode("", stat, "", Path.of("/nonexistent"), null);
  }

  private @Nullable FileNode node(int layer, String path) throws IOException {
    Layer holder = layers.get(layer);
    Path file = holder.directory.resolve(path);
    FileStat stat = kernel.stat(file);
    if (whiteouts.isHidden(file, stat)) {
      return null;
    }
    String target = stat.isSymlink() ? Files.readSymbolicLink(file).toString() : "";
    return new FileNode(path, stat, target, file, holder.id);
  }

  private @Nullable Merged directory(String path) throws IOException {
    synchronized (remembered) {
      Merged known = remembered.get(path);
      if (known != null) {
        return known;
      }
    }
    int[] sources = path.isEmpty() ? rootSources() : sources(path);
    if (sources.length == 0 && !path.isEmpty()) {
      return null;
    }
    Merged merged = new Merged(names(sources, path));
    synchronized (remembered) {
      remembered.put(path, merged);
    }
    return merged;
  }

  private int[] rootSources() throws IOException {
    int[] all = new int[layers.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return untilOpaque(all, "");
  }

  private int[] sources(String path) throws IOException {
    Merged parent = directory(FileTree.parent(path));
    int[] holders =
        parent == null ? null : parent.names.get(path.substring(path.lastIndexOf('/') + 1));
    return holders == null ? new int[0] : untilOpaque(holders, path);
  }

  /** The holders in which the path is a directory, down to the first that hides the others. */
  private int[] untilOpaque(int[] holders, String path) throws IOException {
    int count = 0;
    for (int holder : holders) {
      Path at = layers.get(holder).directory.resolve(path);
      if (!kernel.stat(at).isDirectory()) {
        break;
      }
      count++;
      if (count < holders.length && whiteouts.isOpaque(at)) {
        break;
      }
    }
    return Arrays.copyOf(holders, count);
  }

  private Map<String, int[]> names(int[] sources, String path) throws IOException {
    var names = new HashMap<String, int[]>();
    for (int source : sources) {
      int[] alone = {source}; // most names are in one layer: they share this
      for (String name : Listing.names(layers.get(source).directory.resolve(path))) {
        int[] above = names.putIfAbsent(name, alone);
        if (above != null) {
          int[] more = Arrays.copyOf(above, above.length + 1);
          more[above.length] = source;
          names.put(name, more);
        }
      }
    }
    return names;
  }
}
