package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Where a path of the sandbox lies on the host while nothing runs in it: links are followed as if
 * {@code root} were {@code /}.
 *
 * @param root host path of the root
 * @param names resolved names below the root, none of them a link
 * @param existing how many of the names are there
 */
record RootedPath(Path root, List<String> names, int existing) {
  private static final int MAX_LINKS = 40;

  RootedPath {
    names = List.copyOf(names);
  }

  /** Follows {@code path} inside {@code root}, as far as it exists. */
  static RootedPath resolve(Path root, String path) throws IOException {
    Deque<String> todo = new ArrayDeque<>();
    push(todo, path);
    var done = new ArrayList<String>();
    int existing = 0;
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.pop();
      if (name.equals("..")) {
        if (!done.isEmpty()) {
          done.removeLast();
          existing = Math.min(existing, done.size());
        }
        continue;
      }
      done.add(name);
      if (existing < done.size() - 1) {
        continue; // below something that is missing
      }
      var here = join(root, done);
      if (Files.isSymbolicLink(here)) {
        if (++links > MAX_LINKS) {
          throw new IOException(path + ": more than " + MAX_LINKS + " symbolic links on the way");
        }
        String target = Files.readSymbolicLink(here).toString();
        done.removeLast();
        if (target.startsWith("/")) {
          done.clear();
          existing = 0;
        }
        push(todo, target);
      } else if (Files.exists(here, LinkOption.NOFOLLOW_LINKS)) {
        existing = done.size();
      }
    }
    return new RootedPath(root, done, existing);
  }

  private static void push(Deque<String> todo, String path) {
    var parts = new ArrayList<>(List.of(path.split("/")));
    Collections.reverse(parts);
    for (String part : parts) {
      if (!part.isEmpty() && !part.equals(".")) {
        todo.push(part);
      }
    }
  }

  private static Path join(Path root, List<String> names) {
    return names.isEmpty() ? root : root.resolve(String.join("/", names));
  }

  boolean exists() {
    return existing == names.size();
  }

  Path hostPath() {
    return join(root, names);
  }

  /** The first {@code count} names. */
  Path hostPath(int count) {
    return join(root, names.subList(0, count));
  }

  /** Whether this is the other path or lies below it. */
  boolean isAtOrBelow(RootedPath other) {
    return names.size() >= other.names.size()
        && names.subList(0, other.names.size()).equals(other.names);
  }
}
