package dev.jbuild.cachemount;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Says which directory a cache mount shows. Whatever the id is, what is made of it on disk has the
 * same length.
 *
 * @param id as the build gives it
 * @param initial what the directory begins with; null for nothing
 */
public record CacheKey(String id, @Nullable Digest initial) implements Comparable<CacheKey> {
  private static final int ID_DIGITS = 40;
  private static final int INITIAL_DIGITS = 16;

  /** What the names of all directories of an id begin with. */
  static String family(String id) {
    return Bytes.utf8(id).digest().hex().substring(0, ID_DIGITS) + "-";
  }

  /** Name of one of the key's directories. */
  String name(int number) {
    String begin = initial == null ? "empty" : initial.hex().substring(0, INITIAL_DIGITS);
    return family(id) + begin + "-" + number;
  }

  @Override
  public int compareTo(CacheKey other) {
    return name(0).compareTo(other.name(0));
  }
}
