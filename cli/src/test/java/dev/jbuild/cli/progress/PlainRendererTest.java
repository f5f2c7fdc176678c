package dev.jbuild.cli.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainRendererTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LiveProgress progress =
      new LiveProgress(new PlainRenderer(new PrintStream(out, false, StandardCharsets.UTF_8)));

  private void shown(String expected) {
    assertEquals(expected, out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void eachEventIsALine() {
    progress.begin("jbuild: Dockerfile");
    progress.accept(Story.events());
    progress.close();
    shown(
        """
        #0 jbuild: Dockerfile
        #1 [internal] load build definition from Dockerfile
        #1 transferring dockerfile: 31B 0.0s done
        #1 DONE 0.0s
        #2 [1/3] FROM alpine
        #2 CACHED
        #3 [2/3] RUN echo
        #4 [3/3] RUN false
        #3 0.123 first
        #4 0.130 oops
        #3 0.190 second
        #3 0.190 100%
        #4 ERROR: exit code: 1
        #3 1.240 rest
        #3 CANCELED
        """);
  }

  @Test
  void everyLineOfAnErrorNamesItsStep() {
    progress.accept(
        List.of(Story.failed("a", "x", 0, 1, "exit code: 7\nhint: do it\nhint: or not")));
    shown("#1 x\n#1 ERROR: exit code: 7\n#1 hint: do it\n#1 hint: or not\n");
  }

  @Test
  void theFirstLineIsThereAtOnce() {
    progress.begin("jbuild");
    shown("#0 jbuild\n");
  }

  @Test
  void aStateThatComesTwiceIsShownOnce() {
    progress.accept(List.of(Story.done("a", "x", 0, 300)));
    progress.accept(List.of(Story.started("a", "x", 0), Story.done("a", "x", 0, 300)));
    shown("#1 x\n#1 DONE 0.3s\n");
  }

  @Test
  void aSecondStartIsShownAndItsTimeAdded() {
    progress.accept(List.of(Story.done("a", "x", 0, 300), Story.done("a", "x", 1000, 1500)));
    shown("#1 x\n#1 DONE 0.3s\n#1 DONE 0.8s\n");
  }

  /** BuildKit tells each part of a step's work with a start and an end. */
  @Test
  void aSecondStartThatTellsNothingNewIsNotShown() {
    progress.accept(List.of(Story.done("a", "x", 0, 1), Story.done("a", "x", 10, 12)));
    progress.accept(List.of(Story.started("a", "x", 20), Story.task("a", "sending", 7, 20, 21)));
    progress.accept(List.of(Story.done("a", "x", 20, 21)));
    shown("#1 x\n#1 DONE 0.0s\n#1 sending 7B 0.0s done\n#1 DONE 0.0s\n");
  }

  @Test
  void eventsOfUnknownStepsAreDropped() {
    progress.accept(List.of(Story.output("nosuch", 1, 1, "text\n")));
    progress.accept(List.of(Story.task("nosuch", "x", 1, 0, 1)));
    shown("");
  }

  @Test
  void nothingIsShownAfterTheEnd() {
    progress.close();
    progress.accept(Story.events());
    shown("");
  }

  @Test
  void aLineWithoutEndIsCut() {
    progress.accept(List.of(Story.started("a", "x", 0)));
    progress.accept(List.of(Story.output("a", 0, 1, "y".repeat(16 * 1024 + 1) + "\n")));
    shown("#1 x\n#1 0.000 " + "y".repeat(16 * 1024) + "\n#1 0.000 y\n");
  }
}
