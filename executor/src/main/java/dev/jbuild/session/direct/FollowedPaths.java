package dev.jbuild.session.direct;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.Glob;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds what must be sent so that some paths can be read with their symbolic links followed: each
 * link on the way and what is at the end. Links are resolved as if the directory were {@code /}.
 */
final class FollowedPaths {
  private static final int MAX_LINKS = 255;

  private final Path root;
  private final Kernel kernel;

  FollowedPaths(Path root, Kernel kernel) {
    this.root = root;
    this.kernel = kernel;
  }

  /** Paths relative to the root; the root itself is {@code ""}. */
  Set<String> resolve(List<String> paths) throws IOException {
    var found = new TreeSet<String>();
    for (String path : paths) {
      add("", SlashPath.clean("/" + path).substring(1), MAX_LINKS, found);
    }
    return found;
  }

  /**
   * @param base resolved already
   * @param rest to resolve below it
   */
  private void add(String base, String rest, int linksLeft, Set<String> found) throws IOException {
    if (rest.isEmpty()) {
      found.add(base);
      return;
    }
    int slash = rest.indexOf('/');
    String name = slash < 0 ? rest : rest.substring(0, slash);
    String after = slash < 0 ? "" : rest.substring(slash + 1);
    if (Glob.hasWildcard(name)) {
      Glob glob = Glob.ofSegments(name);
      String[] names = root.resolve(base).toFile().list();
      for (String candidate : names == null ? new String[0] : names) {
        if (glob.matches(candidate)) {
          step(base, candidate, after, linksLeft, found);
        }
      }
      return;
    }
    step(base, name, after, linksLeft, found);
  }

  private void step(String base, String name, String after, int linksLeft, Set<String> found)
      throws IOException {
    String path = base.isEmpty() ? name : base + "/" + name;
    FileStat stat = stat(path);
    if (stat == null) {
      found.add(after.isEmpty() ? path : path + "/" + after);
      return;
    }
    if (!stat.isSymlink()) {
      add(path, after, linksLeft, found);
      return;
    }
    if (linksLeft == 0) {
      throw new BuildException(
          Code.INVALID, root.resolve(path) + ": more than " + MAX_LINKS + " symbolic links");
    }
    found.add(path);
    String target = Files.readSymbolicLink(root.resolve(path)).toString();
    String from = target.startsWith("/") ? "/" + target : "/" + base + "/" + target;
    String resolved = SlashPath.clean(from + "/" + after);
    add("", resolved.substring(1), linksLeft - 1, found);
  }

  private @Nullable FileStat stat(String path) throws IOException {
    try {
      return kernel.stat(root.resolve(path));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return null;
      }
      throw e;
    }
  }
}
