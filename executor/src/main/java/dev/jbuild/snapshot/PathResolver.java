package dev.jbuild.snapshot;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Follows symbolic links as if the tree's root were {@code /}: no path leads out of it, {@code ..}
 * of the root is the root. Parts that do not exist stay as they are. Source: path_resolution(7).
 */
public final class PathResolver {
  private static final int MAX_LINKS = 255;

  private final FileTree tree;

  public PathResolver(FileTree tree) {
    this.tree = tree;
  }

  /**
   * The path with all links followed, the last part's too.
   *
   * @param path in any form; a leading slash changes nothing
   * @throws BuildException INVALID when more than 255 links are met
   */
  public String follow(String path) throws IOException {
    return walk(path, true);
  }

  /** The path with links followed in all parts but the last. */
  public String followParents(String path) throws IOException {
    return walk(path, false);
  }

  /** What the path names when all links are followed; null when nothing is there. */
  public @Nullable FileNode find(String path) throws IOException {
    return tree.lookup(follow(path));
  }

  private String walk(String path, boolean lastToo) throws IOException {
    Deque<String> ahead = new ArrayDeque<>();
    push(ahead, path);
    String at = "";
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.removeFirst();
      if (name.equals("..")) {
        at = FileTree.parent(at);
        continue;
      }
      String next = FileTree.join(at, name);
      FileNode node = lastToo || !ahead.isEmpty() ? tree.lookup(next) : null;
      if (node == null || !node.stat().isSymlink()) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        throw new BuildException(
            Code.INVALID, path + ": too many symbolic links, the last one is /" + next);
      }
      if (node.linkTarget().startsWith("/")) {
        at = "";
      }
      push(ahead, node.linkTarget());
    }
    return at;
  }

  private static void push(Deque<String> ahead, String path) {
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      if (!names[i].isEmpty() && !names[i].equals(".")) {
        ahead.addFirst(names[i]);
      }
    }
  }
}
