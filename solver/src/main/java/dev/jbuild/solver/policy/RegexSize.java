package dev.jbuild.solver.policy;

import java.util.ArrayDeque;

/**
 * Estimates the program that an expression becomes before it is made: counted repetitions of
 * counted repetitions grow beyond all memory. May be too high, and is too low by a small factor at
 * most.
 */
final class RegexSize {
  /** So many characters an expression may have. */
  static final int MAX_TEXT = 2_000;

  /** So many steps its program may have, about. */
  static final int MAX_STEPS = 10_000;

  /** So many groups may lie in one another. */
  static final int MAX_DEPTH = 50;

  private final String text;
  private final ArrayDeque<Long> outer = new ArrayDeque<>();
  private int at;
  private long steps;
  private long last;

  private RegexSize(String text) {
    this.text = text;
  }

  /**
   * Returns when the expression is small enough, or malformed.
   *
   * @throws IllegalArgumentException when it is too large
   */
  static void check(String text) {
    if (text.length() > MAX_TEXT) {
      throw tooLarge("has " + text.length() + " characters, the limit is " + MAX_TEXT);
    }
    var size = new RegexSize(text);
    while (size.at < text.length()) {
      size.next();
      if (size.outer.size() > MAX_DEPTH) {
        throw tooLarge("has more than " + MAX_DEPTH + " groups in one another");
      }
      if (size.steps > MAX_STEPS) {
        throw tooLarge(
            "repeats too much: its program would have more than " + MAX_STEPS + " steps");
      }
    }
  }

  private static IllegalArgumentException tooLarge(String why) {
    return new IllegalArgumentException("the regular expression " + why);
  }

  private void next() {
    char c = text.charAt(at++);
    switch (c) {
      case '\\' -> escape();
      case '[' -> characterClass();
      case '(' -> {
        outer.push(steps);
        steps = 0;
        last = 0;
      }
      case ')' -> {
        long inner = steps + 2;
        steps = (outer.isEmpty() ? 0 : outer.pop()) + inner;
        last = inner;
      }
      case '*', '+', '?' -> {
        steps++;
        last++;
      }
      case '{' -> repetition();
      default -> atom();
    }
  }

  private void atom() {
    steps++;
    last = 1;
  }

  private void escape() {
    char escaped = at < text.length() ? text.charAt(at++) : ' ';
    if (escaped == 'Q') {
      int end = text.indexOf("\\E", at);
      steps += (end < 0 ? text.length() : end) - at;
      at = end < 0 ? text.length() : end + 2;
      last = 1;
      return;
    }
    boolean takesBraces = escaped == 'p' || escaped == 'P' || escaped == 'x';
    if (takesBraces && at < text.length() && text.charAt(at) == '{') {
      int end = text.indexOf('}', at);
      at = end < 0 ? text.length() : end + 1;
    }
    atom();
  }

  private void characterClass() {
    int from = at;
    if (text.startsWith("^", at)) {
      at++;
    }
    if (text.startsWith("]", at)) {
      at++;
    }
    while (at < text.length() && text.charAt(at) != ']') {
      if (text.charAt(at) == '\\') {
        at++;
      } else if (text.startsWith("[:", at) && text.indexOf(":]", at) > 0) {
        at = text.indexOf(":]", at) + 1;
      }
      at++;
    }
    if (at >= text.length()) {
      // No class after all: what looks like one is read again as what it is.
      at = from;
    } else {
      at++;
    }
    atom();
  }

  private void repetition() {
    int end = text.indexOf('}', at);
    String inside = end < 0 ? "" : text.substring(at, end);
    if (!inside.matches("[0-9]{1,9}(,[0-9]{0,9})?")) {
      atom();
      return;
    }
    at = end + 1;
    long count = 1;
    for (String number : inside.split(",", -1)) {
      count = Math.max(count, number.isEmpty() ? 0 : Long.parseLong(number));
    }
    steps += last * (count - 1) + 1;
    last = last * count + 1;
  }
}
