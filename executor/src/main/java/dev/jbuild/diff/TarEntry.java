package dev.jbuild.diff;

import dev.jbuild.linux.FileStat;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One entry of a tar stream. Source: POSIX.1-2017, pax, "pax Interchange Format".
 *
 * @param name as written, not cleaned
 * @param sizeBytes of the content that follows; 0 for all but regular files
 * @param modifiedNanos since the epoch
 * @param linkName target of a symbolic link, or earlier name of a hard link, else empty
 * @param attributes extended attributes with their raw values; the arrays must not be changed
 */
public record TarEntry(
    String name,
    Type type,
    int permissions,
    int uid,
    int gid,
    long sizeBytes,
    long modifiedNanos,
    String linkName,
    int deviceMajor,
    int deviceMinor,
    Map<String, byte[]> attributes) {

  public TarEntry {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /** Overlayfs takes the character device 0:0 for a whiteout: none may come in from outside. */
  void checkDevice() throws TarException {
    if (type == Type.CHARACTER && deviceMajor == 0 && deviceMinor == 0) {
      throw new TarException("tar entry '" + name + "': the device 0:0 cannot be stored");
    }
  }

  /** What an entry stands for. */
  public enum Type {
    REGULAR('0', FileStat.REGULAR),
    HARD_LINK('1', FileStat.REGULAR),
    SYMLINK('2', FileStat.SYMLINK),
    CHARACTER('3', FileStat.CHARACTER),
    BLOCK('4', FileStat.BLOCK),
    DIRECTORY('5', FileStat.DIRECTORY),
    FIFO('6', FileStat.FIFO);

    private final char flag;
    private final int mode;

    Type(char flag, int mode) {
      this.flag = flag;
      this.mode = mode;
    }

    char flag() {
      return flag;
    }

    /** The type bits of {@code st_mode}. */
    public int mode() {
      return mode;
    }

    public boolean isDevice() {
      return this == CHARACTER || this == BLOCK;
    }
  }
}
