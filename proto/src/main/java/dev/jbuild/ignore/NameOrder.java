package dev.jbuild.ignore;

import java.util.Comparator;

/**
 * Orders names as their UTF-8 bytes are ordered, which is the order of their code points; {@link
 * String#compareTo} differs beyond U+D7FF.
 */
public final class NameOrder {
  /** For names without a slash. */
  public static final Comparator<String> BY_BYTES = NameOrder::compare;

  private NameOrder() {}

  private static int compare(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        return Integer.compare(rank(left), rank(right));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Surrogates stand for what lies above all single units. */
  private static int rank(char unit) {
    return Character.isSurrogate(unit) ? unit + 0x10000 : unit;
  }
}
