package dev.jbuild.session.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedDirectoryTest {
  @TempDir Path dir;
  private Path out;
  private Path outside;

  @BeforeEach
  void directories() throws IOException {
    out = Files.createDirectories(dir.resolve("work/out"));
    outside = Files.createDirectory(dir.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "kept");
  }

  /** All below a directory, by relative path. */
  private static List<String> names(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> !path.equals(root))
          .map(path -> root.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  private static void fill(Path staged) throws IOException {
    Files.createDirectories(staged.resolve("sub"));
    Files.writeString(staged.resolve("sub/new"), "new");
    Files.writeString(staged.resolve("file"), "new");
  }

  @Test
  void whatIsNotInTheResultIsDeletedWhenItIsComplete() throws Exception {
    Files.createDirectories(out.resolve("old/deep"));
    Files.writeString(out.resolve("old/deep/a"), "a");
    Files.createDirectories(out.resolve("sub"));
    Files.writeString(out.resolve("sub/stale"), "stale");
    Files.createDirectories(out.resolve("file"));
    try (var replaced = ReplacedDirectory.open(out, List.of(dir.resolve("work")))) {
      fill(replaced.path());
      assertTrue(Files.exists(out.resolve("old/deep/a")), "nothing goes before all has come");
      replaced.complete();
    }
    assertEquals(List.of("file", "sub", "sub/new"), names(out));
    assertEquals("new", Files.readString(out.resolve("file")));
  }

  @Test
  void whatIsNotCompletedLeavesTheDirectoryAsItWas() throws Exception {
    Files.writeString(out.resolve("mine"), "mine");
    try (var replaced = ReplacedDirectory.open(out, List.of())) {
      fill(replaced.path());
    }
    assertEquals(List.of("mine"), names(out));
  }

  @Test
  void theLeftoversOfAKilledBuildGoToo() throws Exception {
    Files.createDirectories(out.resolve(".jbuild-output-1/x"));
    try (var replaced = ReplacedDirectory.open(out, List.of())) {
      fill(replaced.path());
      replaced.complete();
    }
    assertEquals(List.of("file", "sub", "sub/new"), names(out));
  }

  @Test
  void linksAreDeletedAndNotFollowed() throws Exception {
    Files.createSymbolicLink(out.resolve("link"), outside);
    Files.createSymbolicLink(out.resolve("sub"), outside);
    try (var replaced = ReplacedDirectory.open(out, List.of())) {
      fill(replaced.path());
      Files.createSymbolicLink(replaced.path().resolve("made"), outside);
      replaced.complete();
    }
    assertEquals(List.of("kept"), names(outside));
    assertTrue(Files.isDirectory(out.resolve("sub"), LinkOption.NOFOLLOW_LINKS));
    assertEquals(outside, Files.readSymbolicLink(out.resolve("made")));
  }

  @Test
  void directoriesThatMayNotBeWrittenAreReplacedAsTheyAre() throws Exception {
    var closed = PosixFilePermissions.fromString("r-xr-xr-x");
    Files.createDirectory(out.resolve("old"));
    Files.writeString(out.resolve("old/file"), "x");
    Files.setPosixFilePermissions(out.resolve("old"), closed);
    var time = FileTime.fromMillis(1_000_000_000_000L);
    try (var replaced = ReplacedDirectory.open(out, List.of())) {
      Path made = Files.createDirectory(replaced.path().resolve("made"));
      Files.writeString(made.resolve("file"), "new");
      Files.setAttribute(made, "unix:mode", 02555);
      Files.setLastModifiedTime(made, time);
      replaced.complete();
    }
    assertEquals(List.of("made", "made/file"), names(out));
    assertEquals(042555, Files.getAttribute(out.resolve("made"), "unix:mode"));
    assertEquals(time, Files.getLastModifiedTime(out.resolve("made")));
  }

  private static String refusal(Path directory, Path... kept) {
    return assertThrows(
            BuildException.class, () -> ReplacedDirectory.open(directory, List.of(kept)))
        .message();
  }

  @Test
  void rootAndLinksAreNoPlacesToDeleteIn() throws Exception {
    assertEquals(
        "output with mode=delete: the files of '/' are not deleted, it is the root of the file"
            + " system",
        refusal(Path.of("/")));
    Path link = Files.createSymbolicLink(dir.resolve("link"), outside);
    assertEquals(
        "output with mode=delete: the files of '"
            + link
            + "' are not deleted, it is a symbolic link: name the directory itself",
        refusal(link));
  }

  @Test
  void aDirectoryThatIsToStayCannotLieInIt() throws Exception {
    Path work = dir.resolve("work");
    String text =
        "output with mode=delete: the files of '%s' are not deleted, '" + work + "' is in it";
    assertEquals(text.formatted(work), refusal(work, work));
    assertEquals(text.formatted(dir), refusal(dir, work));
    assertEquals(text.formatted(out.resolve("..")), refusal(out.resolve(".."), work));
    Path link = Files.createSymbolicLink(outside.resolve("up"), dir);
    assertEquals(text.formatted(link.resolve("work")), refusal(link.resolve("work"), work));
    assertEquals(List.of("out"), names(work));
  }

  @Test
  void aDirectoryThatIsNotThereIsMade() throws Exception {
    Path made = dir.resolve("work/a/b");
    try (var replaced = ReplacedDirectory.open(made, List.of(dir.resolve("work")))) {
      fill(replaced.path());
      replaced.complete();
    }
    assertEquals(List.of("file", "sub", "sub/new"), names(made));
  }
}
