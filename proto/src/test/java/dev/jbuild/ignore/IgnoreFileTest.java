package dev.jbuild.ignore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import java.util.List;
import org.junit.jupiter.api.Test;

class IgnoreFileTest {

  @Test
  void dropsCommentsBlanksAndByteOrderMark() {
    assertEquals(
        List.of("a", "#b"), IgnoreFile.read(".dockerignore", "\uFEFFa\n\n# note\n #b\n   \n"));
  }

  @Test
  void trimsAndCleansLines() {
    assertEquals(
        List.of("a/b", "c", "!d", "!e/f", "g"),
        IgnoreFile.read(".dockerignore", "  a//b/ \r\n/c\r\n!d\n! /e/./f\ng/h/..\n"));
  }

  @Test
  void keepsTheOrder() {
    assertEquals(List.of("*", "!a", "a/b"), IgnoreFile.read("x", "*\n!a\na/b"));
  }

  @Test
  void namesFileAndLineOfABadPattern() {
    var failure =
        assertThrows(BuildException.class, () -> IgnoreFile.read(".dockerignore", "a\n[b\n"));
    assertEquals(".dockerignore:2: pattern '[b': '[' is not closed", failure.message());
  }

  @Test
  void aLoneExclamationMarkIsAnError() {
    var failure = assertThrows(BuildException.class, () -> IgnoreFile.read("x", "!"));
    assertEquals("x:1: pattern '!': names nothing to take back", failure.message());
  }
}
