package dev.jbuild.cli.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TtyRendererTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Story clock = new Story();
  private int rows = 24;
  private final Screen screen =
      new Screen() {
        @Override
        public int columns() {
          return 50;
        }

        @Override
        public int rows() {
          return rows;
        }
      };

  private LiveProgress progress(Palette palette) {
    return new LiveProgress(
        new TtyRenderer(
            new PrintStream(out, false, StandardCharsets.UTF_8), screen, palette, clock));
  }

  /** What was drawn since the last call, with the control sequences made readable. */
  private String drawn() {
    String text =
        out.toString(StandardCharsets.UTF_8)
            .replace("\u001b[?25l", "<hide>")
            .replace("\u001b[?25h", "<show>")
            .replace("\u001b[?7l", "")
            .replace("\u001b[?7h", "")
            .replace("\u001b[K\n", "\n")
            .replace("\u001b[J", "<end>")
            .replaceAll("\u001b\\[(\\d+)A\r", "<up $1>")
            .replace("\u001b[34m", "<blue>")
            .replace("\u001b[31m", "<red>")
            .replace("\u001b[0m", "</>");
    out.reset();
    return text;
  }

  @Test
  void runningStepsHaveTheEndOfTheirOutput() {
    var progress = progress(Palette.NONE);
    progress.begin("with Dockerfile");
    assertEquals("<hide>[+] Building 0.0s with Dockerfile\n<end>", drawn());
    clock.advance(Duration.ofMillis(250));
    progress.accept(Story.events().subList(0, 13));
    assertEquals(
        """
        <up 1>[+] Building 0.3s (2/4) with Dockerfile
         => [internal] load build definition from Do… 0.0s
         => CACHED [1/3] FROM alpine                  0.0s
         => [2/3] RUN echo                            0.0s
         => => # first
         => => # second
         => => # 100%
         => [3/3] RUN false                           0.0s
         => => # oops
        <end>""",
        drawn());
    clock.advance(Duration.ofMillis(1500));
    progress.tick();
    assertEquals(
        """
        <up 9>[+] Building 1.8s (2/4) with Dockerfile
         => [internal] load build definition from Do… 0.0s
         => CACHED [1/3] FROM alpine                  0.0s
         => [2/3] RUN echo                            1.4s
         => => # first
         => => # second
         => => # 100%
         => [3/3] RUN false                           1.4s
         => => # oops
        <end>""",
        drawn());
    progress.accept(Story.events().subList(13, 15));
    progress.close();
    assertEquals(
        """
        <up 9>[+] Building 1.8s (4/4) with Dockerfile
         => [internal] load build definition from Do… 0.0s
         => CACHED [1/3] FROM alpine                  0.0s
         => CANCELED [2/3] RUN echo                   1.2s
         => ERROR [3/3] RUN false                     1.2s
        <end><show>""",
        drawn());
  }

  @Test
  void framesAreNotDrawnTooOften() {
    var progress = progress(Palette.NONE);
    progress.begin("");
    clock.advance(Duration.ofMillis(100));
    progress.accept(List.of(Story.started("a", "x", 0)));
    assertFalse(drawn().isEmpty());
    clock.advance(Duration.ofMillis(20));
    progress.accept(List.of(Story.started("b", "y", 0)));
    assertEquals("", drawn());
  }

  @Test
  void finishedStepsScrollOutOfALowTerminalAndComeBackAtTheEnd() {
    rows = 5;
    var progress = progress(Palette.NONE);
    progress.begin("");
    drawn();
    clock.advance(Duration.ofMillis(100));
    progress.accept(
        List.of(
            Story.done("a", "one", 0, 1),
            Story.done("b", "two", 0, 1),
            Story.done("c", "three", 0, 1),
            Story.started("d", "four", 0),
            Story.output("d", 1, 1, "line\n")));
    assertEquals(
        """
        <up 1>[+] Building 0.1s (3/4)
         => three                                     0.0s
         => four                                      0.0s
         => => # line
        <end>""",
        drawn());
    progress.close();
    assertEquals(6, drawn().lines().count() - 1);
  }

  @Test
  void coloursTellDoneFromFailed() {
    var progress = progress(Palette.ANSI);
    progress.begin("");
    drawn();
    progress.accept(List.of(Story.done("a", "x", 0, 1), Story.failed("b", "y", 0, 1, "no")));
    progress.close();
    String text = drawn();
    assertEquals(
        "<blue> => x                                         0.0s</>",
        text.lines().filter(line -> line.contains("=> x")).findFirst().orElse(""));
    assertEquals(
        "<red> => ERROR y                                   0.0s</>",
        text.lines().filter(line -> line.contains("=> ERROR y")).findFirst().orElse(""));
  }

  @Test
  void aStepCanNotMoveTheCursor() {
    assertEquals(
        "ab    c", TerminalText.visible("\u001b[2Ja\u001b]0;title\u0007b\u0007\tc\u001b[1m"));
    assertEquals("x", TerminalText.visible("x\u001b"));
    assertEquals("", TerminalText.visible("\u001b[31"));
  }
}
