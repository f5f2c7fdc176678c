package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One path of a {@link FileTree}.
 *
 * @param path relative to the tree's root, {@code /} between names; empty for the root
 * @param linkTarget of a symbolic link, else empty
 * @param file where a regular file's content lies; never changes while the tree is in use
 * @param layer the committed layer it lies in; null when it lies in none
 */
public record FileNode(
    String path, FileStat stat, String linkTarget, Path file, @Nullable LayerId layer) {

  /** The last part of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  public boolean isDirectory() {
    return stat.isDirectory();
  }
}
