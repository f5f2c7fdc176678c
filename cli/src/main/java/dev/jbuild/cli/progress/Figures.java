package dev.jbuild.cli.progress;

import java.time.Duration;

/** Durations and sizes as text, the same in every locale. */
public final class Figures {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private Figures() {}

  /** Seconds with one decimal: {@code 12.3s}. */
  public static String seconds(Duration duration) {
    long tenths = (Math.max(0, duration.toMillis()) + 50) / 100;
    return tenths / 10 + "." + tenths % 10 + "s";
  }

  /** Seconds with three decimals and no unit: {@code 12.345}. */
  public static String millis(Duration duration) {
    long millis = Math.max(0, duration.toMillis());
    String fraction = Long.toString(millis % 1000);
    return millis / 1000 + "." + "000".substring(fraction.length()) + fraction;
  }

  /** Decimal units, at most two decimals: {@code 31B}, {@code 1.25kB}, {@code 192MB}. */
  public static String bytes(long count) {
    int unit = 0;
    double value = count;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    if (unit == 0) {
      return count + UNITS[0];
    }
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    long scale = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
    long scaled = Math.round(value * scale);
    String fraction = Long.toString(scaled % scale);
    String text = Long.toString(scaled / scale);
    if (decimals > 0 && scaled % scale != 0) {
      text += "." + "0".repeat(decimals - fraction.length()) + fraction;
    }
    return text + UNITS[unit];
  }

  /** How far a piece of work is: {@code 1.2MB / 5MB}, {@code 31B}, or empty. */
  public static String amount(long current, long total) {
    if (total > 0) {
      return current >= total ? bytes(total) : bytes(current) + " / " + bytes(total);
    }
    return current > 0 ? bytes(current) : "";
  }
}
