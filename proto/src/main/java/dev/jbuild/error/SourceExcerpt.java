package dev.jbuild.error;

import java.util.ArrayList;
import java.util.List;

/**
 * Draws the place that a {@link Detail.Source} names: the lines around it with their numbers, and
 * carets below what is at fault.
 *
 * <pre>
 * Dockerfile:2
 *    1 | FROM alpine
 *    2 | RUN --mout=type=cache true
 *      |     ^^^^^^
 *    3 | CMD true
 * </pre>
 */
public final class SourceExcerpt {
  private static final int CONTEXT_LINES = 1;
  private static final int MAX_MARKED_LINES = 12;
  private static final int MAX_COLUMNS = 400;
  private static final int TAB_COLUMNS = 4;

  private SourceExcerpt() {}

  /** Lines without line ends; empty when the ranges lie outside of the text. */
  public static List<String> render(Detail.Source source) {
    String[] text = source.text().split("\n", -1);
    int count = text.length > 1 && text[text.length - 1].isEmpty() ? text.length - 1 : text.length;
    Detail.Lines first = source.ranges().get(0);
    if (first.startLine() < 1 || first.startLine() > count) {
      return List.of();
    }
    int lastMarked = Math.clamp(first.endLine(), first.startLine(), count);
    int from = Math.max(1, first.startLine() - CONTEXT_LINES);
    int to = Math.min(count, lastMarked + CONTEXT_LINES);
    int width = Math.max(4, String.valueOf(to).length());
    var out = new ArrayList<String>();
    out.add(source.filename() + ":" + first.startLine());
    for (int number = from; number <= to; number++) {
      if (number == first.startLine() + MAX_MARKED_LINES && lastMarked > number) {
        out.add(" ".repeat(width) + " | ...");
        number = lastMarked;
      }
      String line = text[number - 1].replace("\r", "");
      out.add(gutter(String.valueOf(number), width) + shown(line));
      String marks = marks(line, number, source.ranges());
      if (!marks.isEmpty()) {
        out.add(gutter("", width) + marks);
      }
    }
    return List.copyOf(out);
  }

  private static String gutter(String number, int width) {
    return " ".repeat(width - number.length()) + number + " | ";
  }

  /** Tabs become blanks and control characters a dot, so that carets stand where they should. */
  private static String shown(String line) {
    var text = new StringBuilder();
    for (int i = 0; i < Math.min(line.length(), MAX_COLUMNS); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        text.append(" ".repeat(TAB_COLUMNS));
      } else {
        text.append(Character.isISOControl(c) ? '.' : c);
      }
    }
    return text.append(line.length() > MAX_COLUMNS ? "..." : "").toString();
  }

  private static String marks(String line, int number, List<Detail.Lines> ranges) {
    var marks = new StringBuilder();
    int indent = line.length() - line.stripLeading().length();
    for (int i = 0; i < Math.min(line.length(), MAX_COLUMNS); i++) {
      boolean marked = false;
      for (Detail.Lines range : ranges) {
        marked |= i >= indent && contains(range, number, i, line.stripTrailing().length());
      }
      int columns = line.charAt(i) == '\t' ? TAB_COLUMNS : 1;
      marks.append((marked ? "^" : " ").repeat(columns));
    }
    return marks.toString().stripTrailing();
  }

  private static boolean contains(Detail.Lines range, int line, int character, int lineLength) {
    if (line < range.startLine() || line > range.endLine()) {
      return false;
    }
    boolean wholeLines =
        range.endLine() == range.startLine() && range.endCharacter() <= range.startCharacter();
    int from = line == range.startLine() ? range.startCharacter() : 0;
    int to = line == range.endLine() && !wholeLines ? range.endCharacter() : lineLength;
    return character >= from && character < to;
  }
}
