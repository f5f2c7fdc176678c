package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
  private static int of(Code code, Detail... details) {
    return ExitCode.of(new BuildException(code, "x", null, List.of(details)));
  }

  @Test
  void aFailedStepEndsWithItsOwnCode() {
    assertEquals(3, of(Code.STEP_FAILED, new Detail.ProcessExit(3)));
    assertEquals(137, of(Code.STEP_FAILED, new Detail.ProcessExit(137)));
    assertEquals(ExitCode.FAILED, of(Code.STEP_FAILED));
    assertEquals(ExitCode.FAILED, of(Code.STEP_FAILED, new Detail.ProcessExit(0)));
  }

  @Test
  void onlyAFailedStepEndsWithTheStepsCode() {
    assertEquals(ExitCode.PERMISSION_DENIED, of(Code.PERMISSION_DENIED, new Detail.ProcessExit(3)));
  }

  @Test
  void everyKindOfFailureHasItsOwnCodeAndIsDocumented() throws IOException {
    String document = Files.readString(Path.of("../docs/exit-codes.md"));
    var seen = new HashSet<Integer>();
    for (Code code : Code.values()) {
      if (code != Code.STEP_FAILED) {
        int exit = of(code);
        assertTrue(seen.add(exit), "two kinds end with " + exit);
        assertTrue(document.contains("| " + exit + " |"), "not documented: " + exit);
      }
    }
  }
}
