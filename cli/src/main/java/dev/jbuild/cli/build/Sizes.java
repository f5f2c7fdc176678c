package dev.jbuild.cli.build;

import java.util.Locale;

/** Sizes as docker's flags take them. */
public final class Sizes {
  private static final String UNITS = "bkmgt";

  private Sizes() {}

  /**
   * Bytes of {@code 64m}, {@code 1g}, {@code 1048576}, {@code 64MiB}; units are powers of 1024.
   *
   * @param flag named in the error
   */
  public static long bytes(String flag, String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    int digits = 0;
    while (digits < lower.length() && Character.isDigit(lower.charAt(digits))) {
      digits++;
    }
    String unit = lower.substring(digits);
    if (unit.length() > 1 && unit.endsWith("b")) {
      unit = unit.substring(0, unit.length() - 1);
    }
    if (unit.length() == 2 && unit.endsWith("i")) {
      unit = unit.substring(0, 1);
    }
    int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit);
    if (digits == 0 || digits > 15 || power < 0 || unit.length() > 1) {
      throw new UsageException(flag + ": want a size such as 64m or 1g, got '" + text + "'");
    }
    try {
      return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), 1L << (10 * power));
    } catch (ArithmeticException e) {
      throw new UsageException(flag + ": '" + text + "' is too large");
    }
  }
}
