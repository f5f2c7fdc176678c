package dev.jbuild.ignore;

import java.util.ArrayDeque;

/** Lexical work on paths with slashes, whatever the machine: no file system is asked. */
public final class SlashPath {
  private SlashPath() {}

  /**
   * The shortest path of the same meaning: no {@code .}, no doubled or trailing slash, {@code ..}
   * resolved as text. A rooted path never climbs above its root; a relative one keeps leading
   * {@code ..}; nothing left is {@code .}. Source: Go, package path, Clean.
   */
  public static String clean(String path) {
    boolean rooted = isAbsolute(path);
    var kept = new ArrayDeque<String>();
    int start = 0;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      keep(kept, path.substring(start, end), rooted);
      start = end + 1;
    }
    String text = String.join("/", kept);
    if (rooted) {
      return "/" + text;
    }
    return text.isEmpty() ? "." : text;
  }

  private static void keep(ArrayDeque<String> kept, String part, boolean rooted) {
    switch (part) {
      case "", "." -> {}
      case ".." -> {
        if (!kept.isEmpty() && !kept.getLast().equals("..")) {
          kept.removeLast();
        } else if (!rooted) {
          kept.addLast(part);
        }
      }
      default -> kept.addLast(part);
    }
  }

  /** {@code path} seen from {@code base}, cleaned; a rooted path ignores the base. */
  public static String resolve(String base, String path) {
    return isAbsolute(path) ? clean(path) : clean(base + "/" + path);
  }

  public static boolean isAbsolute(String path) {
    return path.startsWith("/");
  }
}
