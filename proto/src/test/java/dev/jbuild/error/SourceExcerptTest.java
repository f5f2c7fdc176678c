package dev.jbuild.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SourceExcerptTest {
  private static final String TEXT = "FROM alpine\nRUN --mout=a true\n\tCMD true\n";

  @Test
  void marksTheFaultWithCarets() {
    assertEquals(
        """
        Dockerfile:2
           1 | FROM alpine
           2 | RUN --mout=a true
             |     ^^^^^^
           3 |     CMD true
        """,
        render(TEXT, new Detail.Lines(2, 4, 2, 10)));
  }

  @Test
  void anEmptyRangeMarksTheWholeLine() {
    assertEquals(
        """
        Dockerfile:1
           1 | FROM alpine
             | ^^^^^^^^^^^
           2 | RUN --mout=a true
        """,
        render(TEXT, new Detail.Lines(1, 0, 1, 0)));
  }

  @Test
  void marksBelowTabsStandStraight() {
    assertEquals(
        """
        Dockerfile:3
           2 | RUN --mout=a true
           3 |     CMD true
             |         ^^^^
        """,
        render(TEXT, new Detail.Lines(3, 5, 3, 9)));
  }

  @Test
  void marksAllLinesOfARange() {
    assertEquals(
        """
        Dockerfile:1
           1 | RUN a \\
             | ^^^^^^^
           2 |   b
             |   ^
           3 | CMD c
        """,
        render("RUN a \\\r\n  b\r\nCMD c\r\n", new Detail.Lines(1, 0, 2, 3)));
  }

  @Test
  void longRangesAreCutInTheMiddle() {
    String[] lines = render("x\n".repeat(100), new Detail.Lines(1, 0, 100, 1)).split("\n", -1);
    assertEquals("     | ...", lines[25]);
    assertEquals(" 100 | x", lines[26]);
    assertEquals(29, lines.length);
  }

  @Test
  void aPlaceOutsideOfTheTextDrawsNothing() {
    assertEquals("", render(TEXT, new Detail.Lines(9, 0, 9, 1)));
  }

  @Test
  void controlCharactersAreNotSentToTheTerminal() {
    assertEquals(
        """
        Dockerfile:1
           1 | FRO.[31mM x
             | ^^^
        """,
        render("FRO\u001b[31mM x\n", new Detail.Lines(1, 0, 1, 3)));
  }

  private static String render(String text, Detail.Lines range) {
    var source = new Detail.Source("Dockerfile", text, "Dockerfile", List.of(range));
    return String.join("", SourceExcerpt.render(source).stream().map(l -> l + "\n").toList());
  }
}
