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

  /** {@code renameat2(2)}: fail with EEXIST when the target is there. */
  int RENAME_NOREPLACE = 1;

  /** {@code renameat2(2)}: swap the two. */
  int RENAME_EXCHANGE = 2;

  /** {@code renameat2(2)}: leave a whiteout where the source was. */
  int RENAME_WHITEOUT = 4;

  /** {@code umount2(2)}: take it out of the tree now, free it when it is no longer busy. */
  int MNT_DETACH = 2;

  /**
   * Mounts overlayfs with {@code fsopen}, one {@code lowerdir+} per layer, top first, so that any
   * number of layers fits. A kernel before 6.7 gets {@code mount(2)}, whose option page ends at
   * about 50 layers.
   *
   * @param lowers at least one; overlayfs itself allows 500
   * @param upper null for a read-only mount
   * @param work null exactly when {@code upper} is
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

  /** {@code fchmodat2(2)}: all twelve bits, never follows a link (ENOTSUP for a link itself). */
  void changeMode(Path path, int mode) throws IOException;

  /** {@code utimensat(2)} on the path itself, not on what a link points at. */
  void changeTimes(Path path, long accessNanos, long modifiedNanos) throws IOException;

  /** {@code statx(2)} on the path itself. */
  FileStat stat(Path path) throws IOException;

  /** All extended attributes of the path itself, sorted; empty where the file system has none. */
  Map<String, byte[]> attributes(Path path) throws IOException;

  /** {@code lsetxattr(2)}. */
  void setAttribute(Path path, String name, byte[] value) throws IOException;

  /** {@code lremovexattr(2)}. */
  void removeAttribute(Path path, String name) throws IOException;

  /** {@code linkat(2)}: a hard link to the path itself, also where that is a symbolic link. */
  void link(Path existing, Path link) throws IOException;

  /**
   * {@code renameat2(2)}.
   *
   * @param flags 0, {@link #RENAME_NOREPLACE}, {@link #RENAME_EXCHANGE} or {@link #RENAME_WHITEOUT}
   */
  void rename(Path from, Path to, int flags) throws IOException;

  /**
   * Copies a regular file's bytes into a new file of mode 0600, by {@code copy_file_range(2)} and
   * where that is not possible by {@code sendfile(2)}. Neither path's last part may be a symbolic
   * link. A half-written target stays behind when this fails.
   *
   * @return bytes copied
   */
  long copyFile(Path from, Path to) throws IOException;

  /**
   * Opens {@code path} with {@code O_PATH} as if {@code root} were {@code /}: no {@code ..}, no
   * absolute or relative symbolic link and no magic link leads out of it. Source: openat2(2),
   * RESOLVE_IN_ROOT.
   *
   * @param path relative to the root; a leading slash changes nothing
   */
  Descriptor openInRoot(Path root, String path) throws IOException;

  /** {@code syncfs(2)} on the file system of the path. */
  void syncFileSystem(Path path) throws IOException;

  /**
   * {@code getrlimit(2)} of this process.
   *
   * @param resource number as in {@code RLIMIT_NOFILE} (7)
   */
  ResourceLimit limit(int resource) throws IOException;

  /** A new pseudoterminal, to be closed by the caller. */
  Terminal openTerminal() throws IOException;

  /**
   * Sets the size of a terminal that others made; its programs are told. Never waits, whatever the
   * path leads to.
   */
  void resizeTerminal(Path terminal, int rows, int columns) throws IOException;

  /** {@code kill(2)}; a negative id is a process group. */
  void signal(int processId, int signal) throws IOException;

  /** {@code getpid(2)}. */
  int processId();

  /** {@code geteuid(2)}. */
  int effectiveUserId();

  /**
   * Capabilities in force in this process, bit n for capability n. Source: {@code CapEff} in
   * proc_pid_status(5).
   */
  long effectiveCapabilities() throws IOException;
}
