package dev.jbuild.linux.libc;

import dev.jbuild.linux.Errno;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a path's extended attributes. Source: xattr(7). */
final class ExtendedAttributes {
  /** Most files have none or one short list. */
  private static final int USUAL_BYTES = 512;

  /** XATTR_LIST_MAX and XATTR_SIZE_MAX. */
  private static final int MAX_BYTES = 65536;

  private final Path path;

  ExtendedAttributes(Path path) {
    this.path = path;
  }

  Map<String, byte[]> read() throws IOException {
    byte[] list = list(USUAL_BYTES);
    if (list == null) {
      list = list(MAX_BYTES);
    }
    if (list == null || list.length == 0) {
      return Map.of();
    }
    var values = new TreeMap<String, byte[]>();
    int start = 0;
    for (int i = 0; i < list.length; i++) {
      if (list[i] == 0) {
        String name = new String(list, start, i - start, StandardCharsets.UTF_8);
        byte[] value = value(name, MAX_BYTES);
        if (value != null) {
          values.put(name, value);
        }
        start = i + 1;
      }
    }
    return values;
  }

  /** Names, each ended by a zero; null when the room is too small. */
  private byte @Nullable [] list(int bytes) throws IOException {
    try (var frame = Frame.forPath(path, bytes)) {
      var buffer = frame.space(bytes);
      long length = frame.call(Syscall.LLISTXATTR, frame.path(path), buffer.address(), bytes);
      if (length >= 0) {
        return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      }
      return switch (frame.errno()) {
        case Errno.ERANGE -> null;
        case Errno.ENOTSUP -> new byte[0];
        default -> throw frame.failure("llistxattr " + path);
      };
    }
  }

  /** Null when the attribute is gone since it was listed. */
  private byte @Nullable [] value(String name, int bytes) throws IOException {
    try (var frame = Frame.forPath(path, bytes + name.length() * 3L + 16)) {
      var buffer = frame.space(bytes);
      long length =
          frame.call(
              Syscall.LGETXATTR, frame.path(path), frame.string(name), buffer.address(), bytes);
      if (length >= 0) {
        return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      }
      if (frame.errno() == Errno.ENODATA) {
        return null;
      }
      throw frame.failure("lgetxattr " + name + " of " + path);
    }
  }
}
