package dev.jbuild.ignore;

import java.util.BitSet;
import java.util.List;

/**
 * One pattern over slash-separated paths, matched against the whole path: {@code *} and {@code ?}
 * stay inside a path segment, {@code [a-z]} and {@code [^a]} are sets, a backslash takes the next
 * character as it is. Time is bounded by pattern length times path length, whatever the pattern.
 * Immutable.
 *
 * <p>Source: Go's path/filepath Match; for {@code **} the ignore-file rules of moby/patternmatcher.
 */
public final class Glob {
  private final String pattern;
  private final List<GlobToken> tokens;
  private final String literalStart;
  private final String literalEnd;

  Glob(String pattern, List<GlobToken> tokens) {
    this.pattern = pattern;
    this.tokens = List.copyOf(tokens);
    this.literalStart = literals(this.tokens);
    this.literalEnd = new StringBuilder(literals(this.tokens.reversed())).reverse().toString();
  }

  /**
   * A pattern in which {@code **} stands for any number of segments.
   *
   * @throws dev.jbuild.error.BuildException INVALID for an unclosed set or a backslash at the end
   */
  public static Glob ofPath(String pattern) {
    return new GlobReader(pattern, true).read();
  }

  /** A pattern in which {@code **} is the same as {@code *}, as for sources of COPY. */
  public static Glob ofSegments(String pattern) {
    return new GlobReader(pattern, false).read();
  }

  /** Whether the text has a character that is special in a pattern. */
  public static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  /**
   * Whether a source of COPY may stand for several paths. Without a wildcard a backslash is part of
   * a name, and the text is looked up as it is: fsutil, copy/copy.go.
   */
  public static boolean hasWildcard(String text) {
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '*', '?', '[' -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  public String pattern() {
    return pattern;
  }

  /** Whether the whole path matches. */
  public boolean matches(String path) {
    if (!path.startsWith(literalStart) || !path.endsWith(literalEnd)) {
      return false;
    }
    if (literalStart.length() == path.length() && isLiteral()) {
      return true;
    }
    return after(path).get(tokens.size());
  }

  /** Whether some path below this directory could match; the root is {@code ""} or {@code "."}. */
  public boolean mayMatchBelow(String directory) {
    String prefix = directory.isEmpty() || directory.equals(".") ? "" : directory + "/";
    int shared = Math.min(prefix.length(), literalStart.length());
    if (!prefix.regionMatches(0, literalStart, 0, shared)) {
      return false;
    }
    // The end state alone means: exactly this prefix, and nothing below it.
    int first = after(prefix).nextSetBit(0);
    return first >= 0 && first < tokens.size();
  }

  private boolean isLiteral() {
    return tokens.stream().allMatch(GlobToken.Literal.class::isInstance);
  }

  private static String literals(List<GlobToken> tokens) {
    var text = new StringBuilder();
    for (GlobToken token : tokens) {
      if (!(token instanceof GlobToken.Literal literal)) {
        break;
      }
      text.append(literal.value());
    }
    return text.toString();
  }

  /** Positions in the token list that are possible after the text; the size means the end. */
  private BitSet after(String text) {
    var states = new BitSet(tokens.size() + 1);
    states.set(0);
    addWithoutReading(states);
    for (int i = 0; i < text.length() && !states.isEmpty(); i++) {
      states = step(states, text.charAt(i));
    }
    return states;
  }

  private BitSet step(BitSet states, char read) {
    var next = new BitSet(tokens.size() + 1);
    int at = states.nextSetBit(0);
    while (at >= 0 && at < tokens.size()) {
      GlobToken token = tokens.get(at);
      if (token.loopsOn(read)) {
        next.set(at);
      }
      if (token.advancesOn(read)) {
        next.set(at + 1);
      }
      at = states.nextSetBit(at + 1);
    }
    addWithoutReading(next);
    return next;
  }

  private void addWithoutReading(BitSet states) {
    int at = states.nextSetBit(0);
    while (at >= 0 && at < tokens.size()) {
      int skipped = tokens.get(at).skips();
      for (int i = 1; i <= skipped; i++) {
        states.set(at + i);
      }
      at = states.nextSetBit(at + 1);
    }
  }

  @Override
  public String toString() {
    return pattern;
  }
}
