package dev.jbuild.diff;

import dev.jbuild.linux.FileStat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes nodes of a tree as tar entries: hard links, times, and which attributes travel. For one
 * thread.
 */
final class TarSink {
  /** The only extended attribute that layers carry, as the field's tools do. */
  static final String CAPABILITY = "security.capability";

  private static final String WHITEOUT = ".wh.";

  private final TarWriter tar;
  private final long newestNanos;
  private final Map<Long, String> linked = new HashMap<>();
  private final byte[] buffer = new byte[1 << 17];

  /**
   * @param newestNanos times after this become this; {@link Long#MAX_VALUE} for none
   */
  TarSink(OutputStream out, long newestNanos) {
    this.tar = new TarWriter(out);
    this.newestNanos = newestNanos;
  }

  /**
   * Writes one node; sockets are passed over.
   *
   * @param path relative, not the root
   * @param file where the content lies
   */
  void node(
      String path, FileStat stat, String linkTarget, Map<String, byte[]> attributes, Path file)
      throws IOException {
    TarEntry.Type type = type(stat);
    if (type == null) {
      return;
    }
    String first = null;
    if (stat.links() > 1 && !stat.isDirectory()) {
      first = linked.putIfAbsent(stat.inode(), path);
    }
    String name = type == TarEntry.Type.DIRECTORY ? path + "/" : path;
    byte[] capability = attributes.get(CAPABILITY);
    boolean content = first == null && type == TarEntry.Type.REGULAR;
    var entry =
        new TarEntry(
            name,
            first == null ? type : TarEntry.Type.HARD_LINK,
            stat.permissions(),
            stat.uid(),
            stat.gid(),
            content ? stat.sizeBytes() : 0,
            Math.min(stat.modifiedNanos(), newestNanos),
            first == null ? linkTarget : first,
            type.isDevice() ? stat.deviceMajor() : 0,
            type.isDevice() ? stat.deviceMinor() : 0,
            capability == null || first != null ? Map.of() : Map.of(CAPABILITY, capability));
    tar.begin(entry);
    if (content) {
      copy(file, stat.sizeBytes());
    }
  }

  /** Says that the layers below lose {@code name} in {@code directory}. */
  void whiteout(String directory, String name) throws IOException {
    String path = directory.isEmpty() ? WHITEOUT + name : directory + "/" + WHITEOUT + name;
    tar.begin(new TarEntry(path, TarEntry.Type.REGULAR, 0, 0, 0, 0, 0, "", 0, 0, Map.of()));
  }

  void finish() throws IOException {
    tar.finish();
  }

  private void copy(Path file, long size) throws IOException {
    long left = size;
    try (InputStream in = Files.newInputStream(file)) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new EOFException(file + ": " + left + " bytes are missing: the file has shrunk");
        }
        tar.write(buffer, 0, read);
        left -= read;
      }
    }
  }

  private static TarEntry.@Nullable Type type(FileStat stat) {
    return switch (stat.type()) {
      case FileStat.REGULAR -> TarEntry.Type.REGULAR;
      case FileStat.DIRECTORY -> TarEntry.Type.DIRECTORY;
      case FileStat.SYMLINK -> TarEntry.Type.SYMLINK;
      case FileStat.CHARACTER -> TarEntry.Type.CHARACTER;
      case FileStat.BLOCK -> TarEntry.Type.BLOCK;
      case FileStat.FIFO -> TarEntry.Type.FIFO;
      default -> null;
    };
  }
}
