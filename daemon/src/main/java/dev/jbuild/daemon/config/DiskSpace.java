package dev.jbuild.daemon.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An amount of disk: a number of bytes, or a share of the disk's size. Source: buildkitd.toml
 * reference, {@code reservedSpace}.
 *
 * @param bytes 0 when it is a share, or when nothing is said
 * @param percent 0 to 100; 0 when it is a number
 */
public record DiskSpace(long bytes, int percent) {
  /** Nothing is said. */
  public static final DiskSpace NONE = new DiskSpace(0, 0);

  private static final Pattern SHARE = Pattern.compile("([0-9]{1,3})%");
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,15})(?:\\.([0-9]{1,6}))? ?([kmgtp]?)i?b?");
  private static final String UNITS = "kmgtp";
  private static final int STEP_BITS = 10;

  public DiskSpace {
    if (bytes < 0 || percent < 0 || percent > 100 || (bytes > 0 && percent > 0)) {
      throw new IllegalArgumentException("disk space: " + bytes + " bytes, " + percent + "%");
    }
  }

  static DiskSpace bytes(long bytes) {
    return new DiskSpace(bytes, 0);
  }

  /** Reads {@code 512MB}, {@code 1.5g}, {@code 10%}; units are powers of 1024. */
  static DiskSpace parse(String text) {
    Matcher share = SHARE.matcher(text);
    if (share.matches()) {
      return new DiskSpace(0, Integer.parseInt(share.group(1)));
    }
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new IllegalArgumentException("no size: " + text);
    }
    int bits = (UNITS.indexOf(size.group(3)) + 1) * STEP_BITS;
    double number = Double.parseDouble(size.group(1) + "." + orZero(size.group(2)));
    double bytes = number * (size.group(3).isEmpty() ? 1 : (double) (1L << bits));
    if (bytes > 0x1p62) {
      throw new IllegalArgumentException("too much: " + text);
    }
    return bytes((long) bytes);
  }

  private static String orZero(@Nullable String digits) {
    return digits == null ? "0" : digits;
  }

  /** Whether something is said. */
  public boolean given() {
    return bytes > 0 || percent > 0;
  }

  /** In bytes, on a disk of that size. */
  public long of(long diskBytes) {
    return percent == 0 ? bytes : diskBytes / 100 * percent;
  }
}
