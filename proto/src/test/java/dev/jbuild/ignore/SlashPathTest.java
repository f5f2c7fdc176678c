package dev.jbuild.ignore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlashPathTest {

  @ParameterizedTest
  @CsvSource({
    "'', .",
    "a, a",
    "a/, a",
    "a//b, a/b",
    "./a, a",
    "a/./b, a/b",
    "a/../b, b",
    "a/.., .",
    "../a, ../a",
    "../../a, ../../a",
    "/, /",
    "//, /",
    "/.., /",
    "/../a, /a",
    "/a/b/.., /a",
    "a/../../b, ../b",
  })
  void cleans(String path, String cleaned) {
    assertEquals(cleaned, SlashPath.clean(path));
  }

  @ParameterizedTest
  @CsvSource({"/a, b, /a/b", "/a, /b, /b", "/, b, /b", "/a, .., /", "a, b, a/b"})
  void resolves(String base, String path, String resolved) {
    assertEquals(resolved, SlashPath.resolve(base, path));
  }
}
