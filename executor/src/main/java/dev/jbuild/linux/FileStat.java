package dev.jbuild.linux;

/**
 * What {@code statx(2)} says.
 *
 * @param mode type and permission bits
 * @param deviceMajor of the device that the node stands for
 * @param fileSystem number of the file system the path is on
 */
public record FileStat(
    int mode,
    int uid,
    int gid,
    long sizeBytes,
    long modifiedNanos,
    long changedNanos,
    long inode,
    int links,
    int deviceMajor,
    int deviceMinor,
    long fileSystem) {

  public static final int TYPE_MASK = 0170000;
  public static final int REGULAR = 0100000;
  public static final int DIRECTORY = 0040000;
  public static final int SYMLINK = 0120000;
  public static final int CHARACTER = 0020000;
  public static final int BLOCK = 0060000;
  public static final int FIFO = 0010000;
  public static final int SOCKET = 0140000;

  public int type() {
    return mode & TYPE_MASK;
  }

  public int permissions() {
    return mode & 07777;
  }

  public boolean isDirectory() {
    return type() == DIRECTORY;
  }

  public boolean isRegular() {
    return type() == REGULAR;
  }

  public boolean isSymlink() {
    return type() == SYMLINK;
  }

  /** An overlayfs whiteout: character device 0:0. */
  public boolean isWhiteout() {
    return type() == CHARACTER && deviceMajor == 0 && deviceMinor == 0;
  }
}
