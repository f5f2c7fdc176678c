package dev.jbuild.diff;

/**
 * What one hostile archive may cost.
 *
 * @param maxBytes of content, decompressed
 * @param maxEntries in number
 */
public record UnpackLimits(long maxBytes, long maxEntries) {
  /** 1 TiB and ten million entries: far above any honest layer, far below what fills a host. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(1L << 40, 10_000_000);

  /** The failure of an archive that goes on after this. */
  public TarException exceeded(String entry) {
    return new TarException(
        "tar entry '"
            + entry
            + "': the archive is over the limit of "
            + maxBytes
            + " bytes or "
            + maxEntries
            + " entries");
  }
}
