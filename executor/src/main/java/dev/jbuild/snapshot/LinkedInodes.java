package dev.jbuild.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;

/**
 * Which files of a layer are hard links to files that lie elsewhere: in a received context or in
 * another layer. No two layers of one stack may hold the same inode, for programs in a step would
 * take the two paths for one file ({@code cp} refuses to copy one over the other).
 */
public final class LinkedInodes {
  private static final String FILE = "links";

  private final long[] sorted;

  private LinkedInodes(long[] sorted) {
    this.sorted = sorted;
  }

  /**
   * @param differences the layer's directory
   */
  public static LinkedInodes read(Path differences) throws IOException {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Files.readAllBytes(differences.resolveSibling(FILE)));
    } catch (NoSuchFileException e) {
      return new LinkedInodes(new long[0]);
    }
    long[] inodes = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(inodes);
    return new LinkedInodes(inodes);
  }

  /** Writes the list of a layer that is about to be committed. */
  public static void write(Path differences, Collection<Long> inodes) throws IOException {
    long[] sorted = inodes.stream().mapToLong(Long::longValue).sorted().toArray();
    ByteBuffer bytes = ByteBuffer.allocate(sorted.length * Long.BYTES);
    bytes.asLongBuffer().put(sorted);
    Files.write(differences.resolveSibling(FILE), bytes.array());
  }

  public boolean contains(long inode) {
    return Arrays.binarySearch(sorted, inode) >= 0;
  }

  public boolean isEmpty() {
    return sorted.length == 0;
  }
}
