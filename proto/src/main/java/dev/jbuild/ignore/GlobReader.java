package dev.jbuild.ignore;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;

/** Reads the text of one {@link Glob}. */
final class GlobReader {
  private static final int MAX_LENGTH = 4096;

  private final String pattern;
  private final boolean doubleStar;
  private final List<GlobToken> tokens = new ArrayList<>();
  private int at;

  GlobReader(String pattern, boolean doubleStar) {
    this.pattern = pattern;
    this.doubleStar = doubleStar;
  }

  Glob read() {
    if (pattern.length() > MAX_LENGTH) {
      throw wrong("longer than " + MAX_LENGTH + " characters");
    }
    if (doubleStar && isLiteralSuffix()) {
      at = 2;
      tokens.add(new GlobToken.Rest());
    }
    while (at < pattern.length()) {
      char next = pattern.charAt(at++);
      switch (next) {
        case '*' -> star();
        case '?' -> tokens.add(new GlobToken.One());
        case '[' -> tokens.add(characterSet());
        case '\\' -> tokens.add(new GlobToken.Literal(escaped()));
        default -> tokens.add(new GlobToken.Literal(next));
      }
    }
    return new Glob(pattern, tokens);
  }

  /** {@code **.log} is every path that ends so: the reference compares the suffix there. */
  private boolean isLiteralSuffix() {
    return pattern.startsWith("**")
        && !pattern.startsWith("**/")
        && !Glob.isPattern(pattern.substring(2));
  }

  private void star() {
    if (!doubleStar || at >= pattern.length() || pattern.charAt(at) != '*') {
      tokens.add(new GlobToken.Many());
      return;
    }
    at++;
    if (at < pattern.length() && pattern.charAt(at) == '/') {
      at++;
    }
    if (at == pattern.length()) {
      tokens.add(new GlobToken.Rest());
    } else {
      tokens.add(new GlobToken.Segments());
      tokens.add(new GlobToken.InSegments());
    }
  }

  private GlobToken characterSet() {
    boolean negated = at < pattern.length() && pattern.charAt(at) == '^';
    if (negated) {
      at++;
    }
    var ranges = new ArrayList<GlobToken.Range>();
    while (ranges.isEmpty() || !atEndOfSet()) {
      char first = member();
      char last = first;
      if (at + 1 < pattern.length() && pattern.charAt(at) == '-') {
        at++;
        last = member();
      }
      if (last < first) {
        throw wrong("a range of '[' runs backwards");
      }
      ranges.add(new GlobToken.Range(first, last));
    }
    at++;
    return new GlobToken.CharacterSet(negated, ranges);
  }

  private boolean atEndOfSet() {
    if (at >= pattern.length()) {
      throw wrong("'[' is not closed");
    }
    return pattern.charAt(at) == ']';
  }

  private char member() {
    if (at >= pattern.length()) {
      throw wrong("'[' is not closed");
    }
    char next = pattern.charAt(at++);
    if (next == ']' || next == '-') {
      throw wrong("'" + next + "' in '[' needs a backslash");
    }
    return next == '\\' ? escaped() : next;
  }

  private char escaped() {
    if (at >= pattern.length()) {
      throw wrong("a backslash at the end escapes nothing");
    }
    return pattern.charAt(at++);
  }

  private BuildException wrong(String why) {
    return new BuildException(Code.INVALID, "pattern '" + pattern + "': " + why);
  }
}
