package dev.jbuild.diff;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a layer blob is compressed. */
public enum Compression {
  UNCOMPRESSED,
  GZIP,
  ZSTD;

  /**
   * By the names that exporters take: {@code uncompressed}, {@code gzip}, {@code zstd}.
   *
   * @return null for any other
   */
  public static @Nullable Compression named(String name) {
    return switch (name) {
      case "uncompressed" -> UNCOMPRESSED;
      case "gzip" -> GZIP;
      case "zstd" -> ZSTD;
      default -> null;
    };
  }

  /** The name that exporters take. */
  public String attr() {
    return name().toLowerCase(Locale.ROOT);
  }
}
