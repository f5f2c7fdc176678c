package dev.jbuild.dockerfile.convert;

import dev.jbuild.ignore.SlashPath;
import java.util.List;
import java.util.TreeSet;

/** The paths of a context or stage that steps look at, or all of it. Not thread safe. */
final class UsedPaths {
  private final TreeSet<String> paths = new TreeSet<>();
  private boolean used;
  private boolean all;

  /** Adds a path, which may be a pattern, as seen from the root. */
  void add(String path) {
    used = true;
    String cleaned = SlashPath.resolve("/", path);
    if (cleaned.equals("/")) {
      all = true;
    } else {
      paths.add(cleaned.substring(1));
    }
  }

  void addAll() {
    used = true;
    all = true;
  }

  boolean isUsed() {
    return used;
  }

  /** Sorted, without slashes in front; empty when all of it is used. */
  List<String> followPaths() {
    return all ? List.of() : List.copyOf(paths);
  }
}
