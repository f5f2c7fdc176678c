package dev.jbuild.cli.progress;

/** Text that is safe to show. */
public final class TerminalText {
  private static final int ESCAPE = 0x1b;
  private static final int TAB_WIDTH = 4;

  private TerminalText() {}

  /**
   * The visible part of a step's output: control sequences are taken out, so that a step can not
   * move the cursor or write over what other steps show; tabs become spaces.
   */
  public static String visible(String text) {
    var clean = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (c == ESCAPE) {
        next = endOfSequence(text, next);
      } else if (c == '\t') {
        clean.append(" ".repeat(TAB_WIDTH));
      } else if (!Character.isISOControl(c) && Character.getType(c) != Character.FORMAT) {
        clean.appendCodePoint(c);
      }
      i = next;
    }
    return clean.toString();
  }

  /** The index after a control sequence whose escape character stands before {@code start}. */
  private static int endOfSequence(String text, int start) {
    if (start >= text.length()) {
      return start;
    }
    char kind = text.charAt(start);
    int i = start + 1;
    if (kind == '[') {
      while (i < text.length() && (text.charAt(i) < 0x40 || text.charAt(i) > 0x7e)) {
        i++;
      }
      return Math.min(i + 1, text.length());
    }
    if (kind == ']') {
      while (i < text.length() && text.charAt(i) != 7 && text.charAt(i) != ESCAPE) {
        i++;
      }
      boolean longEnd = i + 1 < text.length() && text.charAt(i) == ESCAPE;
      return Math.min(i + (longEnd ? 2 : 1), text.length());
    }
    return i;
  }

  /** At most {@code width} characters; what was cut is shown as an ellipsis. */
  static String fit(String text, int width) {
    if (width <= 0) {
      return "";
    }
    if (text.codePointCount(0, text.length()) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
  }

  /** Left text, right text, and spaces between them so that both fill the width. */
  static String spread(String left, String right, int width) {
    int room = width - right.length() - 1;
    String fitted = fit(left, room);
    int used = fitted.codePointCount(0, fitted.length());
    return fitted + " ".repeat(Math.max(0, room - used) + 1) + right;
  }
}
