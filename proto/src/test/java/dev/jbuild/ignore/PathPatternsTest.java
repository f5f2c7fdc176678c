package dev.jbuild.ignore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternsTest {

  /** Patterns are separated by blanks. */
  @ParameterizedTest(name = "[{0}] {1} -> {2}")
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "a, ab, false",
    "a, a/b/c, true",
    "a, b/a, false",
    "/a, a, true",
    "a/, a, true",
    "./a, a, true",
    "a/../b, b, true",
    "*, a, true",
    "*, a/b, true",
    "*.log, a.log, true",
    "*.log, d/a.log, false",
    "*/b, a/b, true",
    "*/b, b, false",
    "*/*/b, a/a/b, true",
    "?, a, true",
    "?, ab, false",
    "a?c, a/c, false",
    "a?, a\uD83D\uDE00, true",
    "**, a, true",
    "**, a/b, true",
    "**/a, a, true",
    "**/a, x/y/a, true",
    "**/a, x/ya, false",
    "**.log, x/y.log, true",
    "**a, xa, true",
    "a/**, a, false",
    "a/**, a/b, true",
    "a/**, a/b/c, true",
    "a/**/b, a/b, true",
    "a/**/b, a/x/b, true",
    "a/**/b, a/x/y/b, true",
    "a/**/b, a/xb, false",
    "**/a/**, x/a/y, true",
    "**/*.o, a.o, true",
    "**/*.o, x/y/a.o, true",
    "a**b, ab, true",
    "a**b, a/b, true",
    "a**b, axb, false",
    "a**b, ax/b, true",
    "[a-c], b, true",
    "[a-c], d, false",
    "[^a-c], d, true",
    "[^a-c], b, false",
    "[a\\-c], -, true",
    "a\\*, a*, true",
    "a\\*, ab, false",
    "a.b, axb, false",
    "a+(b), a+(b), true",
    ". , a, false",
    "* !a, a, false",
    "* !a, b, true",
    "!a *, a, true",
    "* !a a, a, true",
    "a !a/b, a/b, false",
    "a !a/b, a/b/c, false",
    "a !a/b, a/c, true",
    "a !a/b a/b/c, a/b/c, true",
    "** !*.md, x/y.md, true",
    "** !**/*.md, x/y.md, false",
    "*.md !README*.md README-secret.md, README.md, false",
    "*.md !README*.md README-secret.md, README-secret.md, true",
  })
  void selectsAsTheReferenceDoes(String patterns, String path, boolean selected) {
    assertEquals(selected, of(patterns).matches(path));
  }

  @ParameterizedTest(name = "[{0}] below {1} -> {2}")
  @CsvSource({
    "a, a, false",
    "a !a/b, a, true",
    "a !a/b, a/c, false",
    "a !b, a, false",
    "* !a/b/c, a, true",
    "* !a/b/c, a/b, true",
    "* !a/b/c, b, false",
    "* !**/x, b, true",
    "* !a/*.txt, a, true",
    "* !a/*.txt, a/b, false",
    "!a/b a, a, false",
    "a !a/b a, a, false",
    "a !ab/c, a, false",
    "* !a?/c, ab, true",
    "* !a?/c, b, false",
  })
  void saysWhetherAnExcludedDirectoryMustBeWalked(String patterns, String path, boolean walk) {
    assertEquals(walk, of(patterns).mayReincludeBelow(path));
  }

  @ParameterizedTest(name = "[{0}] below {1} -> {2}")
  @CsvSource({
    "a/b/*.c, '', true",
    "a/b/*.c, a, true",
    "a/b/*.c, a/b, true",
    "a/b/*.c, a/b/c, false",
    "a/b/*.c, x, false",
    "a, a/b, true",
    "**/x, q/r, true",
  })
  void saysWhetherAnIncludedPathMayLieBelow(String patterns, String path, boolean may) {
    assertEquals(may, of(patterns).mayMatchBelow(path));
  }

  @Test
  void aWalkAnswersAsTheWholePathDoes() {
    PathPatterns patterns = of("a !a/b **/*.o");
    var place = patterns.root().child("a");
    assertTrue(place.matches());
    assertTrue(place.mayReincludeBelow());
    var below = place.child("b");
    assertFalse(below.matches());
    assertTrue(below.child("x.o").matches());
    assertEquals("a/b/x.o", below.child("x.o").path());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [a  | pattern '[a': '[' is not closed
          a\\ | pattern 'a\\': a backslash at the end escapes nothing
          [b-a] | pattern '[b-a]': a range of '[' runs backwards
          []  | pattern '[]': ']' in '[' needs a backslash
          !   | pattern '!': names nothing to take back
          """)
  void refusesWhatCannotBeRead(String pattern, String message) {
    var failure = assertThrows(BuildException.class, () -> PathPatterns.of(List.of(pattern)));
    assertEquals(message, failure.message());
  }

  @Test
  void refusesPatternsWithoutBound() {
    assertEquals(
        "more than 10000 path patterns: 10001",
        assertThrows(BuildException.class, () -> PathPatterns.of(Collections.nCopies(10_001, "a")))
            .message());
    assertEquals(
        "pattern '" + "a".repeat(4097) + "': longer than 4096 characters",
        assertThrows(BuildException.class, () -> PathPatterns.of(List.of("a".repeat(4097))))
            .message());
  }

  @Test
  void manyStarsAreMatchedInBoundedTime() {
    PathPatterns patterns = of("*a".repeat(40) + "**/".repeat(20) + "*b");
    assertTimeoutPreemptively(
        Duration.ofSeconds(2), () -> assertFalse(patterns.matches("a".repeat(4000))));
  }

  @Test
  void segmentGlobsKnowNoDoubleStar() {
    assertTrue(Glob.ofSegments("**.c").matches("a.c"));
    assertFalse(Glob.ofSegments("**.c").matches("d/a.c"));
    assertFalse(Glob.ofSegments("a/**").matches("a/b/c"));
  }

  private static PathPatterns of(String patterns) {
    return PathPatterns.of(List.of(patterns.trim().split(" ")));
  }
}
