package dev.jbuild.dockerfile.parse;

import java.util.ArrayList;
import java.util.List;

/** One line of comma-separated values; a field in double quotes may hold commas. */
public final class CommaList {
  private CommaList() {}

  /**
   * A field.
   *
   * @param start where it begins in the text, quotes included
   * @param end where it ends, exclusive
   */
  public record Field(String text, int start, int end) {}

  /**
   * The fields in order; an empty text has none.
   *
   * @throws IllegalArgumentException for a quote that is not closed
   */
  public static List<Field> split(String text) {
    var fields = new ArrayList<Field>();
    int at = 0;
    while (!text.isEmpty()) {
      int start = at;
      var value = new StringBuilder();
      if (at < text.length() && text.charAt(at) == '"') {
        at = quoted(text, at + 1, value);
      }
      while (at < text.length() && text.charAt(at) != ',') {
        value.append(text.charAt(at++));
      }
      fields.add(new Field(value.toString(), start, at));
      if (at == text.length()) {
        break;
      }
      at++;
    }
    return fields;
  }

  /** Returns the position after the closing quote; two quotes in a row are one. */
  private static int quoted(String text, int from, StringBuilder value) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '"') {
        value.append(c);
      } else if (at < text.length() && text.charAt(at) == '"') {
        value.append('"');
        at++;
      } else {
        return at;
      }
    }
    throw new IllegalArgumentException("a double quote is not closed in '" + text + "'");
  }
}
