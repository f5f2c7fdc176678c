package dev.jbuild.filetree;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.LinkedInodes;
import dev.jbuild.snapshot.MergedTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which files of a layer may be hard links to those they are copied from, and makes the
 * links. The sources never change: they lie in a received context or a committed layer. For one
 * layer and one thread.
 */
final class Linking {
  private final Path directory;
  private final List<MergedTree.Layer> parents;
  private final Kernel kernel;
  private final Set<Long> linked = new HashSet<>();
  private final Map<LayerId, LinkedInodes> inSource = new HashMap<>();
  private @Nullable List<LinkedInodes> inParents;
  private long fileSystem = -1;

  Linking(Path directory, List<MergedTree.Layer> parents, Kernel kernel) {
    this.directory = directory;
    this.parents = parents;
    this.kernel = kernel;
  }

  /**
   * Links the file when that is allowed and possible.
   *
   * @return false when it must be copied
   */
  boolean link(FileNode source, Path target) throws IOException {
    if (!allowed(source)) {
      return false;
    }
    try {
      kernel.link(source.file(), target);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EMLINK || e.errno() == Errno.EXDEV || e.errno() == Errno.EPERM) {
        return false;
      }
      throw e;
    }
    linked.add(source.stat().inode());
    return true;
  }

  /** Keeps what the next layers must know. To be called before the layer is committed. */
  void finish() throws IOException {
    if (!linked.isEmpty()) {
      LinkedInodes.write(directory, linked);
    }
  }

  private boolean allowed(FileNode source) throws IOException {
    long inode = source.stat().inode();
    if (source.stat().fileSystem() != fileSystem() || linked.contains(inode)) {
      return false;
    }
    // A layer on nothing may be merged with any other: it takes only what no other layer has.
    if (parents.isEmpty() && source.layer() == null && source.stat().links() > 1) {
      return false;
    }
    LayerId layer = source.layer();
    if (layer != null && !allowedFrom(layer, source)) {
      return false;
    }
    return inParents().stream().noneMatch(links -> links.contains(inode));
  }

  /** A file that its own layer has linked may come from a layer below this one, too. */
  private boolean allowedFrom(LayerId layer, FileNode source) throws IOException {
    if (parents.isEmpty() || parents.stream().anyMatch(parent -> parent.id().equals(layer))) {
      return false;
    }
    LinkedInodes known = inSource.get(layer);
    if (known == null) {
      known = LinkedInodes.read(rootOf(source));
      inSource.put(layer, known);
    }
    return !known.contains(source.stat().inode());
  }

  private static Path rootOf(FileNode source) {
    Path root = source.file();
    for (int depth = Path.of(source.path()).getNameCount(); depth > 0; depth--) {
      Path parent = root.getParent();
      if (parent == null) {
        throw new IllegalStateException("file " + source.file() + " lies in no layer");
      }
      root = parent;
    }
    return root;
  }

  private List<LinkedInodes> inParents() throws IOException {
    if (inParents == null) {
      var found = new ArrayList<LinkedInodes>();
      for (MergedTree.Layer parent : parents) {
        LinkedInodes links = LinkedInodes.read(parent.directory());
        if (!links.isEmpty()) {
          found.add(links);
        }
      }
      inParents = found;
    }
    return inParents;
  }

  private long fileSystem() throws IOException {
    if (fileSystem < 0) {
      fileSystem = kernel.stat(directory).fileSystem();
    }
    return fileSystem;
  }
}
