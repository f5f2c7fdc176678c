package dev.jbuild.ignore;

import java.util.List;

/** One position of a {@link Glob}, as a state of its automaton over UTF-16 units. */
sealed interface GlobToken {

  /** Whether reading this stays at the token. */
  boolean loopsOn(char read);

  /** Whether reading this goes to the next token. */
  boolean advancesOn(char read);

  /** How many tokens on one may be without reading anything: 0, 1 or 2. */
  int skips();

  /** This character. */
  record Literal(char value) implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      return false;
    }

    @Override
    public boolean advancesOn(char read) {
      return read == value;
    }

    @Override
    public int skips() {
      return 0;
    }
  }

  /** {@code ?}: one character, no slash. */
  record One() implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      // The first half of a surrogate pair is not yet a character.
      return Character.isHighSurrogate(read);
    }

    @Override
    public boolean advancesOn(char read) {
      return read != '/' && !Character.isHighSurrogate(read);
    }

    @Override
    public int skips() {
      return 0;
    }
  }

  /** {@code *}: characters of one segment. */
  record Many() implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      return read != '/';
    }

    @Override
    public boolean advancesOn(char read) {
      return false;
    }

    @Override
    public int skips() {
      return 1;
    }
  }

  /** Anything to come. */
  record Rest() implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      return true;
    }

    @Override
    public boolean advancesOn(char read) {
      return false;
    }

    @Override
    public int skips() {
      return 1;
    }
  }

  /** Before {@link InSegments}: nothing at all may be read. */
  record Segments() implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      return false;
    }

    @Override
    public boolean advancesOn(char read) {
      return false;
    }

    @Override
    public int skips() {
      return 2;
    }
  }

  /** Anything that ends with a slash. */
  record InSegments() implements GlobToken {
    @Override
    public boolean loopsOn(char read) {
      return true;
    }

    @Override
    public boolean advancesOn(char read) {
      return read == '/';
    }

    @Override
    public int skips() {
      return 0;
    }
  }

  /** {@code [a-z]}: pairs of first and last character. */
  record CharacterSet(boolean negated, List<Range> ranges) implements GlobToken {
    public CharacterSet {
      ranges = List.copyOf(ranges);
    }

    @Override
    public boolean loopsOn(char read) {
      return false;
    }

    @Override
    public boolean advancesOn(char read) {
      for (Range range : ranges) {
        if (range.first <= read && read <= range.last) {
          return !negated;
        }
      }
      return negated;
    }

    @Override
    public int skips() {
      return 0;
    }
  }

  /** Both ends belong to it. */
  record Range(char first, char last) {}
}
