package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kernel calls that the JDK does not offer and that are safe in a process with many threads. Errors
 * are {@link ErrnoException} with the call, the path and the errno's name. Paths are passed as
 * UTF-8 bytes. Safe for use by several threads.
 */
public interface Kernel {

  /**
   * Mounts overlayfs with {@code fsopen}, one {@code lowerdir+} per layer, top first, so that any
   * number of layers fits.
   *
   * @param upper null for a read-only mount
   * @param options further ones: {@code volatile}, {@code redirect_dir=off}, ...
   */
  void mountOverlay(
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      List<String> options,
      Path target)
      throws IOException;

  /** {@code mount(2)}. */
  void mount(String source, Path target, String type, long flags, String data) throws IOException;

  /** {@code umount2(2)}. */
  void unmount(Path target, int flags) throws IOException;

  /** {@code mknod(2)} for a device, fifo or whiteout. */
  void makeNode(Path path, int mode, int major, int minor) throws IOException;

  /** {@code lchown(2)}. */
  void changeOwner(Path path, int uid, int gid) throws IOException;

  /** {@code fchmodat(2)}: all twelve bits, does not follow links where it can. */
  void changeMode(Path path, int mode) throws IOException;

  /** {@code utimensat(2)} on the path itself, not on what a link points at. */
  void changeTimes(Path path, long accessNanos, long modifiedNanos) throws IOException;

  /** {@code statx(2)} on the path itself. */
  FileStat stat(Path path) throws IOException;

  /** All extended attributes of the path itself; empty where the file system has none. */
  Map<String, byte[]> attributes(Path path) throws IOException;

  /** {@code lsetxattr(2)}. */
  void setAttribute(Path path, String name, byte[] value) throws IOException;

  /** {@code syncfs(2)} on the file system of the path. */
  void syncFileSystem(Path path) throws IOException;
}
