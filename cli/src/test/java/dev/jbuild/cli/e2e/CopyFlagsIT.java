package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the flags of COPY and ADD make, and what they leave in the cache. */
@Tag("root")
class CopyFlagsIT {
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

  private static Path context(String name, String dockerfile) throws IOException {
    Path context = lab.context(name, dockerfile);
    for (String file : List.of("a/one.txt", "a/b/two.txt", "a/b/three.md")) {
      Path path = context.resolve(file);
      Files.createDirectories(context.resolve(file.substring(0, file.lastIndexOf('/'))));
      Files.writeString(path, file);
    }
    return context;
  }

  private static List<String> says(Lab.Run run) {
    return run.succeeds()
        .err()
        .lines()
        .filter(line -> line.startsWith("#") && line.contains(" says ") && !line.contains("RUN"))
        .map(line -> line.substring(line.indexOf(" says ") + 6))
        .toList();
  }

  @Test
  void aLinkedCopyIsThereAndOutlivesAnotherBase() throws IOException {
    String dockerfile =
        """
        FROM base
        ARG N
        RUN mkdir -p /x && echo $N > /x/base
        COPY --link a /x
        RUN echo says $(cat /x/base) $(cat /x/one.txt) $(ls /x/b)
        """;
    Path context = context("link", dockerfile);
    assertEquals(
        List.of("1 a/one.txt three.md two.txt"), says(lab.build(context, "--build-arg=N=1")));
    Lab.Run other = lab.build(context, "--build-arg=N=2");
    assertEquals(List.of("2 a/one.txt three.md two.txt"), says(other));
  }

  @Test
  void parentsAndExcludesSelect() throws IOException {
    String dockerfile =
        """
        FROM base
        COPY --parents a/b/*.txt /p/
        COPY --parents ./a/./b/*.txt /q/
        COPY --exclude=**/*.md a /r/
        RUN echo says $(cd / && find p q r -type f | sort)
        """;
    assertEquals(
        List.of("p/a/b/two.txt q/b/two.txt r/b/two.txt r/one.txt"),
        says(lab.build(context("select", dockerfile))));
  }

  @Test
  void aModeThatIsReplacedRunsNothingAgain() throws IOException {
    String dockerfile =
        """
        FROM base
        COPY --chmod=u=rwX,go=rX --chown=7:8 a /s
        COPY --chmod=0604 a/one.txt /t
        RUN echo says $(stat -c '%a %u %g' /s /s/one.txt /t)
        """;
    Path context = context("mode", dockerfile);
    assertEquals(List.of("755 7 8 644 7 8 604 0 0"), says(lab.build(context)));
    String other =
        "FROM base\nCOPY --chmod=0604 a/one.txt /t\nRUN echo says $(stat -c %a /t) again\n";
    Files.writeString(context.resolve("Other"), other);
    String file = "--file=" + context.resolve("Other");
    assertEquals(List.of("604 again"), says(lab.build(context, file)));
    Files.setPosixFilePermissions(
        context.resolve("a/one.txt"), PosixFilePermissions.fromString("rwx------"));
    Lab.Run again = lab.build(context, file);
    assertEquals(List.of(), says(again));
    assertTrue(again.cached("COPY --chmod=0604 a/one.txt /t"), again.err());
  }

  @Test
  void anArchiveIsUnpackedByAddUnlessItIsForbidden() throws Exception {
    String dockerfile =
        """
        FROM base
        ADD files.tar.gz /u/
        ADD --unpack=false files.tar.gz /v/
        RUN echo says $(cat /u/a/one.txt) $(ls /v)
        """;
    Path context = context("unpack", dockerfile);
    Commands.exec(
        "tar", "-C", context.toString(), "-czf", context.resolve("files.tar.gz").toString(), "a");
    assertEquals(List.of("a/one.txt files.tar.gz"), says(lab.build(context)));
  }
}
