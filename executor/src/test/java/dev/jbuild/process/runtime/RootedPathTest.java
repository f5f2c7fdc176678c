package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootedPathTest {
  @TempDir private Path root;

  private RootedPath resolve(String path) throws IOException {
    return RootedPath.resolve(root, path);
  }

  @Test
  void existingPathIsItself() throws Exception {
    Files.createDirectories(root.resolve("a/b"));
    assertEquals(List.of("a", "b"), resolve("/a/./b/").names());
    assertTrue(resolve("a/b").exists());
    assertTrue(resolve("/").exists());
    assertEquals(root, resolve("/").hostPath());
  }

  @Test
  void missingPartIsCounted() throws Exception {
    Files.createDirectories(root.resolve("a"));
    var path = resolve("/a/x/y");
    assertEquals(List.of("a", "x", "y"), path.names());
    assertEquals(1, path.existing());
    assertFalse(path.exists());
    assertEquals(root.resolve("a"), path.hostPath(1));
  }

  @Test
  void linksAreFollowedInsideTheRoot() throws Exception {
    Files.createDirectories(root.resolve("etc"));
    Files.createDirectories(root.resolve("run"));
    Files.createSymbolicLink(root.resolve("etc/abs"), Path.of("/run/x"));
    Files.createSymbolicLink(root.resolve("etc/up"), Path.of("../../../run"));
    assertEquals(List.of("run", "x"), resolve("/etc/abs").names());
    assertEquals(1, resolve("/etc/abs").existing());
    assertEquals(List.of("run"), resolve("/etc/up").names());
    assertEquals(List.of("run", "y"), resolve("/etc/up/y").names());
  }

  @Test
  void parentOfWhatIsMissingIsWhereItWouldBe() throws Exception {
    assertEquals(List.of("b"), resolve("/a/../b").names());
    assertEquals(List.of("b"), resolve("/../../b").names());
  }

  @Test
  void circlesEnd() throws Exception {
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
    var failure = assertThrows(IOException.class, () -> resolve("/a"));
    assertEquals("/a: more than 40 symbolic links on the way", failure.getMessage());
  }

  @Test
  void containmentGoesByNames() throws Exception {
    assertTrue(resolve("/dev/pts").isAtOrBelow(resolve("/dev")));
    assertTrue(resolve("/dev").isAtOrBelow(resolve("/dev")));
    assertFalse(resolve("/device").isAtOrBelow(resolve("/dev")));
  }
}
