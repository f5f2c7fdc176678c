package dev.jbuild.dockerfile.instruction;

import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;

/** Finds what the user may have meant. */
public final class Suggestion {
  private static final int MAX_LENGTH = 64;
  private static final int LEAST_START = 3;

  private Suggestion() {}

  /**
   * {@code , did you mean 'RUN'?} for the nearest option, or nothing when none is near: at most a
   * third of the letters differ, or the end is missing. Equally near options are taken in
   * alphabetical order.
   */
  public static String of(String typed, Collection<String> options) {
    String nearest = "";
    int least = Math.max(1, Math.min(typed.length(), MAX_LENGTH) / 3) + 1;
    if (typed.isEmpty() || typed.length() > MAX_LENGTH) {
      return "";
    }
    String lower = typed.toLowerCase(Locale.ROOT);
    for (String option : new TreeSet<>(options)) {
      String small = option.toLowerCase(Locale.ROOT);
      boolean begun = typed.length() >= LEAST_START && small.startsWith(lower);
      int distance = begun ? 1 : distance(lower, small, least);
      if (distance < least && distance < option.length()) {
        least = distance;
        nearest = option;
      }
    }
    return nearest.isEmpty() ? "" : ", did you mean '" + nearest + "'?";
  }

  /** Edits between the two, a swap of neighbours counting once; or at least the limit. */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) >= limit) {
      return limit;
    }
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, a, b, i, j);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int cheapest(int[][] edits, String a, String b, int i, int j) {
    int change = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(change, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, edits[i - 2][j - 2] + 1) : least;
  }
}
