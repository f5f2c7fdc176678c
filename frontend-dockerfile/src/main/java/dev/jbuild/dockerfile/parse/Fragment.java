package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.Arrays;

/**
 * A stretch of a logical line: text whose every character knows its place in the file, also where
 * the line was continued. Immutable; slices share the text.
 */
public final class Fragment {
  private final Line line;
  private final int from;
  private final int to;

  private Fragment(Line line, int from, int to) {
    this.line = line;
    this.from = from;
    this.to = to;
  }

  public String text() {
    return line.text.substring(from, to);
  }

  public int length() {
    return to - from;
  }

  public boolean isEmpty() {
    return from == to;
  }

  public char charAt(int index) {
    return line.text.charAt(from + index);
  }

  /** Characters {@code start} to {@code end}, exclusive, of this fragment. */
  public Fragment slice(int start, int end) {
    if (start < 0 || end < start || end > length()) {
      throw new IllegalArgumentException(
          "slice " + start + ".." + end + " of " + length() + " characters");
    }
    return new Fragment(line, from + start, from + end);
  }

  /** Without white space at both ends. */
  public Fragment strip() {
    int start = 0;
    int end = length();
    while (start < end && Character.isWhitespace(charAt(start))) {
      start++;
    }
    while (end > start && Character.isWhitespace(charAt(end - 1))) {
      end--;
    }
    return slice(start, end);
  }

  /** Where the text stands. An empty fragment has a range of no width. */
  public SourceRange range() {
    Line.Place first = line.place(from);
    if (isEmpty()) {
      return new SourceRange(first.line(), first.character(), first.line(), first.character());
    }
    Line.Place last = line.place(to - 1);
    return new SourceRange(first.line(), first.character(), last.line(), last.character() + 1);
  }

  @Override
  public String toString() {
    return text();
  }

  /** Builds a logical line from pieces of source lines. */
  static final class Builder {
    private final StringBuilder text = new StringBuilder();
    private int[] offsets = new int[4];
    private int[] lines = new int[4];
    private int[] characters = new int[4];
    private int pieces;

    /** Adds text that stands at this line (1-based) from this character (0-based) on. */
    Builder add(String piece, int line, int character) {
      if (piece.isEmpty()) {
        return this;
      }
      if (pieces == offsets.length) {
        offsets = Arrays.copyOf(offsets, pieces * 2);
        lines = Arrays.copyOf(lines, pieces * 2);
        characters = Arrays.copyOf(characters, pieces * 2);
      }
      offsets[pieces] = text.length();
      lines[pieces] = line;
      characters[pieces] = character;
      pieces++;
      text.append(piece);
      return this;
    }

    boolean isEmpty() {
      return pieces == 0;
    }

    Fragment build() {
      if (pieces == 0) {
        throw new IllegalStateException("a logical line without any piece");
      }
      var line =
          new Line(
              text.toString(),
              Arrays.copyOf(offsets, pieces),
              Arrays.copyOf(lines, pieces),
              Arrays.copyOf(characters, pieces));
      return new Fragment(line, 0, text.length());
    }
  }

  /** The whole text, with the offset, line and character at which each piece starts. */
  private static final class Line {
    private final String text;
    private final int[] offsets;
    private final int[] lines;
    private final int[] characters;

    Line(String text, int[] offsets, int[] lines, int[] characters) {
      this.text = text;
      this.offsets = offsets;
      this.lines = lines;
      this.characters = characters;
    }

    record Place(int line, int character) {}

    Place place(int offset) {
      int found = Arrays.binarySearch(offsets, offset);
      int piece = found >= 0 ? found : -found - 2;
      return new Place(lines[piece], characters[piece] + offset - offsets[piece]);
    }
  }
}
