package dev.jbuild.dockerfile.parse;

import java.util.Arrays;

/** A text cut into lines, with a position that only goes forward. Not thread safe. */
final class SourceLines {
  private final String text;
  private final int[] starts;
  private final int count;
  private int next;

  SourceLines(String text) {
    this.text = text;
    int[] found = new int[16];
    int lines = 0;
    for (int at = 0; at < text.length(); ) {
      if (lines == found.length) {
        found = Arrays.copyOf(found, lines * 2);
      }
      found[lines++] = at;
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end + 1;
    }
    this.starts = Arrays.copyOf(found, lines);
    this.count = lines;
  }

  boolean hasNext() {
    return next < count;
  }

  /** The number of the line that {@link #next()} gave last, 1-based. */
  int number() {
    return next;
  }

  /** The next line without its line end. */
  String next() {
    String line = peek();
    next++;
    return line;
  }

  /** The line that {@link #next()} would give. */
  String peek() {
    String line = withEnd(next);
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
      end--;
    }
    return line.substring(0, end);
  }

  /** The line that {@link #next()} gave last, with its line end. */
  String lastWithEnd() {
    return withEnd(next - 1);
  }

  private String withEnd(int index) {
    int end = index + 1 < count ? starts[index + 1] : text.length();
    return text.substring(starts[index], end);
  }
}
