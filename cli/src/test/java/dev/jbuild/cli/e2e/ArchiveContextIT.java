package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code jbuild build - < context.tar}. */
@Tag("root")
class ArchiveContextIT {
  private static Lab lab;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-auto-compress", "--gzip", "--bzip2"})
  void aTarOnStandardInputIsTheContext(String form) throws Exception {
    Path context =
        lab.context(
            "tar" + form,
            """
            FROM base
            COPY . /x
            RUN echo says $(cat /x/a) $(stat -c %a:%u /x/a) $(ls -A /x)
            """);
    Files.writeString(context.resolve("a"), form);
    Files.writeString(context.resolve("b"), "left out");
    Files.writeString(context.resolve(".dockerignore"), "b\n");
    Path tar = lab.directory().resolve("context" + form);
    Commands.exec(
        "tar",
        "-C",
        context.toString(),
        form,
        "--owner=7",
        "--mode=0640",
        "-cf",
        tar.toString(),
        ".");
    Path places = Files.createDirectories(lab.directory().resolve("places"));
    Process build = start(tar, places);
    assertTrue(build.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, build.exitValue(), lab.output());
    assertTrue(
        lab.output().contains(" says " + form + " 640:0 .dockerignore Dockerfile a\n"),
        lab.output());
    try (var left = Files.list(places)) {
      assertEquals(List.of(), left.toList());
    }
  }

  private static Process start(Path in, Path places) throws IOException {
    var builder =
        lab.program(
            "dev.jbuild.cli.Jbuild",
            "--root",
            lab.root().toString(),
            "build",
            "--progress=plain",
            "-");
    builder.environment().put("TMPDIR", places.toString());
    return builder.redirectInput(in.toFile()).start();
  }
}
