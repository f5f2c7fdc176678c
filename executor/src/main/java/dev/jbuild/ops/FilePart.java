package dev.jbuild.ops;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads parts of regular files. */
public final class FilePart {
  private FilePart() {}

  /**
   * What a file holds from an offset on.
   *
   * @param maxBytes the part is shorter where the file ends
   */
  public static Bytes read(Path file, long offset, int maxBytes) throws IOException {
    try (var channel = Files.newByteChannel(file)) {
      long left = Math.max(0, channel.size() - offset);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(left, maxBytes));
      channel.position(offset);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // goes on until the buffer is full or the file ends
      }
      byte[] read = new byte[buffer.position()];
      buffer.flip().get(read);
      return Bytes.copyOf(read);
    }
  }
}
