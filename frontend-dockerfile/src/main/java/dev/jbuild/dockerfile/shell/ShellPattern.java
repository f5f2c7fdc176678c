package dev.jbuild.dockerfile.shell;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern of {@code ${v#p}} and its relatives: {@code *} is any text, {@code ?} any character, a
 * backslash escapes. Sets in brackets are text. Time is bounded by pattern length times value
 * length.
 */
final class ShellPattern {
  private static final int ANY = -1;
  private static final int MANY = -2;

  /** A code point, {@link #ANY} or {@link #MANY} each. */
  private final List<Integer> tokens;

  private ShellPattern(List<Integer> tokens) {
    this.tokens = List.copyOf(tokens);
  }

  /**
   * @param offset for the error
   */
  static ShellPattern of(String text, int offset) throws ShellSyntaxException {
    var tokens = new ArrayList<Integer>();
    int[] points = text.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      switch (points[i]) {
        case '*' -> tokens.add(MANY);
        case '?' -> tokens.add(ANY);
        case '\\' -> {
          i++;
          if (i == points.length || "*?\\}/".indexOf(points[i]) < 0) {
            String escaped = i == points.length ? "" : Character.toString(points[i]);
            throw new ShellSyntaxException(
                "invalid escape '\\" + escaped + "' in pattern '" + text + "'", offset);
          }
          tokens.add(points[i]);
        }
        default -> tokens.add(points[i]);
      }
    }
    return new ShellPattern(tokens);
  }

  /** Without the shortest or longest start that matches. */
  String trimStart(String value, boolean longest) {
    int[] points = value.codePoints().toArray();
    int end = matchEnd(tokens, points, 0, longest);
    return end < 0 ? value : new String(points, end, points.length - end);
  }

  /** Without the shortest or longest end that matches. */
  String trimEnd(String value, boolean longest) {
    int[] points = value.codePoints().toArray();
    int end = matchEnd(tokens.reversed(), reversed(points), 0, longest);
    return end < 0 ? value : new String(points, 0, points.length - end);
  }

  /** The first or every match, the longest from the left, replaced. Matches of nothing stay. */
  String replace(String value, String replacement, boolean all, int maxGrowth, int offset)
      throws ShellSyntaxException {
    int[] points = value.codePoints().toArray();
    BitSet starts = matchStarts(points);
    var out = new StringBuilder();
    int at = 0;
    for (int start = starts.nextSetBit(0); start >= 0; start = starts.nextSetBit(at)) {
      int end = matchEnd(tokens, points, start, true);
      out.append(new String(points, at, start - at));
      if (end > start) {
        out.append(replacement);
        at = end;
      } else {
        out.append(start < points.length ? Character.toString(points[start]) : "");
        at = Math.min(start + 1, points.length);
      }
      if (out.length() > maxGrowth + value.length()) {
        throw new ShellSyntaxException("expands to more than " + maxGrowth + " characters", offset);
      }
      if (start >= points.length || (!all && end > start)) {
        break;
      }
    }
    return out.append(new String(points, at, points.length - at)).toString();
  }

  /** Where matches can start, found from the end with the pattern turned round. */
  private BitSet matchStarts(int[] points) {
    int[] backwards = reversed(points);
    List<Integer> turned = tokens.reversed();
    var starts = new BitSet();
    var states = new BitSet();
    for (int i = 0; i <= backwards.length; i++) {
      if (i > 0) {
        states = step(turned, states, backwards[i - 1]);
      }
      states.set(0);
      skipMany(turned, states);
      if (states.get(turned.size())) {
        starts.set(points.length - i);
      }
    }
    return starts;
  }

  /** Where the shortest or longest match from {@code start} ends, or -1. */
  private static int matchEnd(List<Integer> tokens, int[] points, int start, boolean longest) {
    var states = new BitSet();
    states.set(0);
    skipMany(tokens, states);
    int found = -1;
    for (int i = start; ; i++) {
      if (states.get(tokens.size())) {
        found = i;
        if (!longest) {
          return found;
        }
      }
      if (i == points.length || states.isEmpty()) {
        return found;
      }
      states = step(tokens, states, points[i]);
    }
  }

  private static BitSet step(List<Integer> tokens, BitSet states, int point) {
    var next = new BitSet();
    for (int at = states.nextSetBit(0); at >= 0 && at < tokens.size(); ) {
      int token = tokens.get(at);
      if (token == MANY) {
        next.set(at);
      } else if (token == ANY || token == point) {
        next.set(at + 1);
      }
      at = states.nextSetBit(at + 1);
    }
    skipMany(tokens, next);
    return next;
  }

  private static void skipMany(List<Integer> tokens, BitSet states) {
    for (int at = states.nextSetBit(0); at >= 0 && at < tokens.size(); ) {
      if (tokens.get(at) == MANY) {
        states.set(at + 1);
      }
      at = states.nextSetBit(at + 1);
    }
  }

  private static int[] reversed(int[] points) {
    int[] out = new int[points.length];
    for (int i = 0; i < points.length; i++) {
      out[i] = points[points.length - 1 - i];
    }
    return out;
  }
}
