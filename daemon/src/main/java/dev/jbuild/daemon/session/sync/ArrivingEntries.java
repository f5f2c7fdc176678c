package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.NameOrder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.GoModes;
import dev.jbuild.session.SentAttributes;
import fsutil.types.Stat;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the entries of one stream, and takes nothing that a walk over a directory can not give:
 * paths are clean and inside, each comes after its directory and in the order of the names' bytes,
 * so none comes twice. What all of them need in memory has a bound. Source: reference wire-session,
 * section 5. For one thread.
 */
final class ArrivingEntries {
  private static final int MAX_PATH_LENGTH = 4096;
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_DEVICE_NUMBER = (1 << 20) - 1;

  /** XATTR_SIZE_MAX, for all of a file's attributes together. */
  private static final int MAX_ATTRIBUTE_BYTES = 1 << 16;

  /** What an entry needs beside its texts, from here to the index that keeps it. */
  private static final int ENTRY_BYTES = 256;

  private static final int SHOWN = 100;
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;
  private static final int SYMLINK = 0120000;
  private static final int DIRECTORY = 0040000;

  private final String name;
  private final long maxBytes;
  private final ArrayDeque<Level> levels = new ArrayDeque<>();
  private long bytes;

  /** A directory on the way to the last entry, with the last name seen in it. */
  private static final class Level {
    private final String path;
    private String last = "";

    Level(String path) {
      this.path = path;
    }
  }

  /**
   * @param name what is received, for texts
   * @param maxBytes of memory for all entries
   */
  ArrivingEntries(String name, long maxBytes) {
    this.name = name;
    this.maxBytes = maxBytes;
    levels.push(new Level(""));
  }

  /**
   * The next entry.
   *
   * @throws BuildException DATA_LOSS when it can not be
   */
  FileSync.Entry read(Stat stat) {
    String path = stat.getPath();
    place(path);
    if (!GoModes.isKnown(stat.getMode())) {
      throw wrong(path, "is of a kind that can not be sent");
    }
    int mode = GoModes.toStat(stat.getMode());
    int type = mode & TYPE;
    boolean regular = type == REGULAR;
    if (regular && stat.getSize() < 0) {
      throw wrong(path, "has a size of " + stat.getSize() + " bytes");
    }
    String link = regular || type == SYMLINK ? stat.getLinkname() : "";
    checkLink(path, link, type);
    checkDevice(path, stat);
    var attributes =
        regular || type == DIRECTORY ? attributes(path, stat) : Map.<String, Bytes>of();
    count(path.length() + link.length());
    if (type == DIRECTORY) {
      levels.push(new Level(path));
    }
    return new FileSync.Entry(
        path,
        mode,
        stat.getUid(),
        stat.getGid(),
        regular ? stat.getSize() : 0,
        stat.getModTime(),
        link,
        stat.getDevmajor(),
        stat.getDevminor(),
        attributes);
  }

  /** Finds the entry's directory, which is one of those that the last entry lies in. */
  private void place(String path) {
    if (path.isEmpty() || path.length() > MAX_PATH_LENGTH || path.indexOf('\0') >= 0) {
      throw wrong(path, "is no path");
    }
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw wrong(path, "leads out of the directory or is not clean");
      }
      if (part.length() > MAX_NAME_LENGTH) {
        throw wrong(path, "has a name of more than " + MAX_NAME_LENGTH + " characters");
      }
    }
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    while (levels.size() > 1 && !levels.element().path.equals(parent)) {
      levels.pop();
    }
    Level level = levels.element();
    if (!level.path.equals(parent)) {
      throw wrong(path, "came without its directory");
    }
    String last = path.substring(slash + 1);
    if (NameOrder.BY_BYTES.compare(level.last, last) >= 0) {
      throw wrong(path, "came out of order, after '" + shown(level.last) + "'");
    }
    level.last = last;
  }

  private void checkLink(String path, String link, int type) {
    if (type == SYMLINK && link.isEmpty()) {
      throw wrong(path, "is a symbolic link to nothing");
    }
    if (link.length() > MAX_PATH_LENGTH || link.indexOf('\0') >= 0) {
      throw wrong(path, "links to something that is no path");
    }
  }

  private void checkDevice(String path, Stat stat) {
    long major = stat.getDevmajor();
    long minor = stat.getDevminor();
    if (major < 0 || major > MAX_DEVICE_NUMBER || minor < 0 || minor > MAX_DEVICE_NUMBER) {
      throw wrong(path, "has the device numbers " + major + ":" + minor);
    }
  }

  private Map<String, Bytes> attributes(String path, Stat stat) {
    if (stat.getXattrsCount() == 0) {
      return Map.of();
    }
    var taken = new TreeMap<String, Bytes>();
    int size = 0;
    for (Map.Entry<String, ByteString> attribute : stat.getXattrsMap().entrySet()) {
      String key = attribute.getKey();
      if (!SentAttributes.isSent(key)) {
        continue;
      }
      size += key.length() + attribute.getValue().size();
      if (key.length() > MAX_NAME_LENGTH || key.indexOf('\0') >= 0) {
        throw wrong(path, "has an extended attribute whose name is none");
      }
      taken.put(key, Bytes.copyOf(attribute.getValue().toByteArray()));
    }
    if (size > MAX_ATTRIBUTE_BYTES) {
      throw wrong(path, "has more than 64 KiB of extended attributes");
    }
    count(size);
    return taken;
  }

  /** Texts count twice: a character may need two bytes. */
  private void count(int more) {
    bytes += ENTRY_BYTES + 2L * more;
    if (bytes > maxBytes) {
      throw new BuildException(
          Code.DATA_LOSS,
          name
              + ": the stream names more files than fit into "
              + (maxBytes >> 20)
              + " MiB; leave some out with .dockerignore, or give the daemon more memory (-Xmx)");
    }
  }

  private BuildException wrong(String path, String why) {
    return new BuildException(
        Code.DATA_LOSS, name + ": the stream is wrong: '" + shown(path) + "' " + why);
  }

  /** Nothing that a terminal obeys, and not too much of it. */
  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= SHOWN ? plain : plain.substring(0, SHOWN) + "...";
  }
}
