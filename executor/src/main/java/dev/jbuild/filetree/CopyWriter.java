package dev.jbuild.filetree;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts single files into a layer: linked where nothing about them changes, else copied. Hard links
 * among the files of one copy stay links. For one copy action.
 */
final class CopyWriter {
  private final Kernel kernel;
  private final Linking linking;
  private final NodeWriter writer;
  private final Map<Identity, Path> written = new HashMap<>();

  /** What makes two paths of a source one file. */
  private record Identity(@Nullable LayerId layer, long inode) {}

  CopyWriter(Kernel kernel, Linking linking) {
    this.kernel = kernel;
    this.linking = linking;
    this.writer = new NodeWriter(kernel);
  }

  /**
   * @param file anything but a directory
   * @param metadata to give it, its attributes excluded: those of the source stay
   */
  void write(FileTree from, FileNode file, LayerEditor layer, String path, Metadata metadata)
      throws IOException {
    Path target = layer.place(path);
    Identity identity = new Identity(file.layer(), file.stat().inode());
    Path first = file.stat().links() > 1 ? written.putIfAbsent(identity, target) : null;
    if (first != null && Files.exists(first, LinkOption.NOFOLLOW_LINKS)) {
      kernel.link(first, target);
      return;
    }
    if (file.stat().isRegular()
        && keepsMetadata(file.stat(), metadata)
        && linking.link(file, target)) {
      return;
    }
    writer.copy(file, target);
    layer.describe(
        path,
        file.stat().type(),
        new Metadata(
            metadata.uid(),
            metadata.gid(),
            metadata.permissions(),
            metadata.modifiedNanos(),
            from.attributes(file)));
  }

  private static boolean keepsMetadata(FileStat stat, Metadata metadata) {
    return stat.uid() == metadata.uid()
        && stat.gid() == metadata.gid()
        && stat.permissions() == metadata.permissions()
        && stat.modifiedNanos() == metadata.modifiedNanos();
  }
}
