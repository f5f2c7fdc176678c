package dev.jbuild.filetree;

import dev.jbuild.ignore.Glob;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.PathResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds paths by a pattern, segment by segment. The part before the first special character is
 * followed through symbolic links, what the pattern matches is not. Source: Go, filepath.Match.
 */
final class Wildcards {
  private final FileTree tree;
  private final PathResolver resolver;

  Wildcards(FileTree tree) {
    this.tree = tree;
    this.resolver = new PathResolver(tree);
  }

  /** The matches in the order of their names' bytes. */
  List<String> matches(String pattern) throws IOException {
    String[] segments = pattern.split("/", -1);
    int first = 0;
    while (first < segments.length - 1 && !Glob.hasWildcard(segments[first])) {
      first++;
    }
    String fixed = resolver.follow(String.join("/", List.of(segments).subList(0, first)));
    var found = new ArrayList<String>();
    FileNode start = tree.lookup(fixed);
    if (start != null && start.isDirectory()) {
      add(start, segments, first, found);
    }
    return found;
  }

  private void add(FileNode directory, String[] segments, int at, List<String> found)
      throws IOException {
    Glob glob = Glob.ofSegments(segments[at]);
    for (FileNode child : tree.list(directory)) {
      if (!glob.matches(child.name())) {
        continue;
      }
      if (at == segments.length - 1) {
        found.add(child.path());
      } else if (child.isDirectory()) {
        add(child, segments, at + 1, found);
      }
    }
  }
}
