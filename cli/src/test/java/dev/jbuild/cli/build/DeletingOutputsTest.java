package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletingOutputsTest {
  private static final Set<String> GRANTED = Set.of("buildx.local.delete");

  @TempDir Path work;

  private void check(String output, Set<String> granted, Path... kept) {
    var outputs = List.of(OutputSpec.parse(output), OutputSpec.parse("plain"));
    DeletingOutputs.check(outputs, granted, work, List.of(kept));
  }

  @Test
  void deletingNeedsTheGrantOfTheRequest() {
    var e =
        assertThrows(
            BuildException.class, () -> check("type=local,dest=out,mode=Delete", Set.of()));
    assertEquals(Code.PERMISSION_DENIED, e.code());
    assertEquals(
        "--output: mode=delete deletes all that is in 'out' and not in the result: allow that with"
            + " --allow buildx.local.delete",
        e.message());
    assertEquals(
        List.of(
            new Detail.MissingGrant(
                "buildx.local.delete", Detail.Side.REQUEST, "--allow buildx.local.delete")),
        e.details());
    assertDoesNotThrow(() -> check("type=local,dest=out,mode=delete", GRANTED, work));
    assertDoesNotThrow(() -> check("type=local,dest=out,mode=copy", Set.of()));
  }

  @Test
  void whatTheBuildReadsIsNotDeleted() throws Exception {
    Path context = Files.createDirectories(work.resolve("out/src"));
    var e =
        assertThrows(
            BuildException.class,
            () -> check("type=local,dest=out,mode=delete", GRANTED, work, context));
    assertEquals(
        "output with mode=delete: the files of '"
            + work.resolve("out")
            + "' are not deleted, '"
            + context
            + "' is in it",
        e.message());
    assertThrows(BuildException.class, () -> check("type=local,dest=.,mode=delete", GRANTED, work));
  }

  @Test
  void anUnknownModeIsNamed() {
    var e =
        assertThrows(UsageException.class, () -> OutputSpec.parse("type=local,dest=o,mode=wipe"));
    assertEquals("--output: unknown mode 'wipe'; known are copy, delete", e.getMessage());
  }
}
