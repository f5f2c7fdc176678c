package dev.jbuild.snapshot;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files to read, without a mount: the merged view of a stack of layers, or a received context.
 * Paths are relative to the tree's root, cleaned, with {@code /} between names; the root is {@code
 * ""}. No method follows a symbolic link, in no part of a path: see {@link PathResolver}. Safe for
 * use by several threads.
 */
public interface FileTree {

  /** What is at the path; null when nothing is, or when a part above it is no directory. */
  @Nullable FileNode lookup(String path) throws IOException;

  /** What a directory holds, in the order of the names' bytes. */
  List<FileNode> list(FileNode directory) throws IOException;

  /** Extended attributes, without those that storage itself keeps; sorted by name. */
  Map<String, byte[]> attributes(FileNode node) throws IOException;

  /** Digest of a regular file's bytes. */
  Digest digest(FileNode file) throws IOException;

  /** The root's node. */
  default FileNode root() throws IOException {
    FileNode root = lookup("");
    if (root == null) {
      throw new IllegalStateException("a file tree has a root");
    }
    return root;
  }

  /** The path of {@code name} inside {@code directory}. */
  static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  /** The path above; the root's is the root. */
  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
