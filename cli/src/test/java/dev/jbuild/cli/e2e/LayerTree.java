package dev.jbuild.cli.e2e;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files of an image by absolute path, as a runtime that unpacks its layers sees them. Names of
 * one file share a {@link Node}. Source: OCI image-spec, layer.md.
 */
final class LayerTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final TreeMap<String, Node> nodes = new TreeMap<>();
  private int inodes;

  /**
   * What is at a path.
   *
   * @param type {@code dir}, {@code file}, {@code link}, {@code char} or {@code fifo}
   * @param inode the same for all names of a file
   * @param link what a symbolic link says
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Node(
      int inode,
      String type,
      int mode,
      long uid,
      long gid,
      long mtimeSeconds,
      String link,
      Map<String, byte[]> attributes,
      byte[] content) {}

  LayerTree() {}

  LayerTree(LayerTree other) {
    nodes.putAll(other.nodes);
    inodes = other.inodes;
  }

  Map<String, Node> nodes() {
    return nodes;
  }

  /** Applies a layer and gives what is wrong with it, an empty list if nothing is. */
  List<String> apply(List<TarBlob.Entry> layer) {
    var wrong = new ArrayList<String>();
    Set<String> mine = new HashSet<>();
    for (TarBlob.Entry entry : layer) {
      String path = path(entry.name());
      String base = path.substring(path.lastIndexOf('/') + 1);
      String parent = path.substring(0, path.lastIndexOf('/'));
      if (base.equals(OPAQUE)) {
        nodes.keySet().removeIf(name -> name.startsWith(parent + "/") && !mine.contains(name));
      } else if (base.startsWith(WHITEOUT)) {
        String gone = parent + "/" + base.substring(WHITEOUT.length());
        if (!nodes.containsKey(gone)) {
          wrong.add("a whiteout of '" + gone + "', which is in no layer below");
        }
        nodes
            .keySet()
            .removeIf(
                name -> (name.equals(gone) || name.startsWith(gone + "/")) && !mine.contains(name));
      } else {
        if (!parent.isEmpty() && !isDirectory(parent)) {
          wrong.add("'" + path + "' comes where '" + parent + "' is no directory");
        }
        if (!mine.add(path)) {
          wrong.add("'" + path + "' is in the layer twice");
        }
        put(path, entry, wrong);
      }
    }
    return wrong;
  }

  private boolean isDirectory(String path) {
    Node node = nodes.get(path);
    return node != null && node.type().equals("dir");
  }

  private static String path(String name) {
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    return "/" + (path.startsWith("./") ? path.substring(2) : path);
  }

  private void put(String path, TarBlob.Entry entry, List<String> wrong) {
    if (entry.type() != '5') {
      nodes.keySet().removeIf(name -> name.equals(path) || name.startsWith(path + "/"));
    }
    if (entry.type() == '1') {
      Node target = nodes.get(path(entry.link()));
      if (target == null) {
        wrong.add("'" + path + "' links to '" + entry.link() + "', which is not there");
      } else {
        nodes.put(path, target);
      }
      return;
    }
    String type =
        switch (entry.type()) {
          case '2' -> "link";
          case '3' -> "char";
          case '5' -> "dir";
          case '6' -> "fifo";
          default -> "file";
        };
    nodes.put(
        path,
        new Node(
            ++inodes,
            type,
            entry.mode(),
            entry.uid(),
            entry.gid(),
            entry.mtimeSeconds(),
            type.equals("link") ? entry.link() : "",
            entry.attributes(),
            entry.content()));
  }
}
