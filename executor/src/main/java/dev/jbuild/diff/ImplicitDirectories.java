package dev.jbuild.diff;

import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.TreeSet;

/**
 * Directories that a layer's tar had no entry for. The layers below may have them with other owners
 * and modes, which the layer must not change: once those are unpacked, their metadata is taken
 * over.
 */
public final class ImplicitDirectories {
  private ImplicitDirectories() {}

  /**
   * Gives each directory of the layer what the layers below say of it.
   *
   * @param directory of the layer, not committed yet
   * @param lower the layers below, merged
   */
  public static void adopt(
      Collection<String> implicit, Path directory, FileTree lower, Kernel kernel)
      throws IOException {
    var writer = new NodeWriter(kernel);
    for (String path : new TreeSet<>(implicit).descendingSet()) {
      FileNode below = lower.lookup(path);
      if (below != null && below.isDirectory()) {
        var metadata = Metadata.of(below.stat(), lower.attributes(below));
        writer.apply(metadata, below.stat().type(), directory.resolve(path));
      }
    }
  }
}
