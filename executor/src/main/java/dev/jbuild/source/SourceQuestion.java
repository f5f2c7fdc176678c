package dev.jbuild.source;

import dev.jbuild.oci.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * How much a client wants to know of a source.
 *
 * @param objects whether the objects of git are wanted
 * @param hash of a file, null when none is wanted
 */
public record SourceQuestion(boolean objects, @Nullable Hash hash) {
  /** What costs least. */
  public static final SourceQuestion PLAIN = new SourceQuestion(false, null);

  /** More than signatures need. */
  private static final int SUFFIX_BYTES = 64 * 1024;

  /**
   * The digest of a file with more bytes after it, as signatures are over.
   *
   * @param suffix at most 64 KiB
   */
  public record Hash(Algorithm algorithm, Bytes suffix) {
    public Hash {
      if (suffix.size() > SUFFIX_BYTES) {
        throw new IllegalArgumentException(
            "hash: want at most " + SUFFIX_BYTES + " bytes after the file, got " + suffix.size());
      }
    }
  }

  /** What a digest is made by. */
  public enum Algorithm {
    SHA256,
    SHA384,
    SHA512
  }
}
