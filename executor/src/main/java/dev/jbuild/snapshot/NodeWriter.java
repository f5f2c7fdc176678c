package dev.jbuild.snapshot;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Makes files of any type and gives them their metadata. Stateless. */
public final class NodeWriter {
  private final Kernel kernel;

  public NodeWriter(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Makes a copy of the node, without its metadata: an empty directory, a file with the same
   * content, the same link or device. The target must not exist.
   */
  public void copy(FileNode node, Path target) throws IOException {
    FileStat stat = node.stat();
    switch (stat.type()) {
      case FileStat.DIRECTORY -> Files.createDirectory(target);
      case FileStat.REGULAR -> kernel.copyFile(node.file(), target);
      case FileStat.SYMLINK -> Files.createSymbolicLink(target, Path.of(node.linkTarget()));
      default -> kernel.makeNode(target, stat.mode(), stat.deviceMajor(), stat.deviceMinor());
    }
  }

  /**
   * Sets owner, attributes, mode and time, in the order that keeps all of them: a change of owner
   * clears set-id bits and capabilities.
   *
   * @param type of the target, {@link FileStat#TYPE_MASK}
   */
  public void apply(Metadata metadata, int type, Path target) throws IOException {
    kernel.changeOwner(target, metadata.uid(), metadata.gid());
    for (Map.Entry<String, byte[]> attribute : metadata.attributes().entrySet()) {
      setAttribute(target, type, attribute.getKey(), attribute.getValue());
    }
    if (type != FileStat.SYMLINK) {
      kernel.changeMode(target, metadata.permissions());
    }
    kernel.changeTimes(target, metadata.modifiedNanos(), metadata.modifiedNanos());
  }

  private void setAttribute(Path target, int type, String name, byte[] value) throws IOException {
    try {
      kernel.setAttribute(target, name, value);
    } catch (ErrnoException e) {
      boolean refusedByType =
          e.errno() == Errno.EPERM
              && name.startsWith("user.")
              && type != FileStat.REGULAR
              && type != FileStat.DIRECTORY;
      if (e.errno() != Errno.ENOTSUP && !refusedByType) {
        throw e;
      }
    }
  }
}
