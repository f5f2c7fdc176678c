package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Directories with something of all that travels, beside one that nobody may touch. */
final class Trees {
  /** Of {@link #make}, as a walk gives them. */
  static final List<String> NAMES =
      List.of(".wh.x", "a", "a-b", "big", "d", "d/e", "d/e/file", "d/e/hard", "l", "out", "p", "ü");

  /** Those whose content is asked for. */
  static final int FILES = 6;

  static final int BYTES = 1 + 200_000 + 4 + 4 + 9;

  private static final FileTime THEN = FileTime.from(Instant.ofEpochSecond(1_000_000_000));
  private static final int FIFO = 0010644;

  private Trees() {}

  /** Makes a directory, and {@code outside} beside it. */
  static Path make(Path at, Kernel kernel) throws IOException {
    Files.createDirectories(at.resolve("d/e"));
    Files.writeString(at.resolve(".wh.x"), "hidden\nx");
    Files.writeString(at.resolve("a"), "1");
    Files.writeString(at.resolve("a-b"), "");
    Files.write(at.resolve("big"), new byte[200_000]);
    Files.writeString(at.resolve("d/e/file"), "text");
    Files.createLink(at.resolve("d/e/hard"), at.resolve("d/e/file"));
    Files.createSymbolicLink(at.resolve("l"), Path.of("d/e/file"));
    Files.createSymbolicLink(at.resolve("out"), Path.of("../outside"));
    kernel.makeNode(at.resolve("p"), FIFO, 0, 0);
    Files.writeString(at.resolve("ü"), "more");
    makeOutside(at.resolveSibling("outside"));
    return at;
  }

  /** A directory with a file that has to stay as it is. */
  static void makeOutside(Path outside) throws IOException {
    Files.createDirectories(outside);
    Files.setLastModifiedTime(Files.writeString(outside.resolve("kept"), "kept"), THEN);
    Files.setLastModifiedTime(outside, THEN);
  }

  /** Nothing was written beside the directory below this one, or into what lies there. */
  static void assertOutsideUntouched(Path dir) throws IOException {
    Path outside = dir.resolve("outside");
    try (Stream<Path> names = Files.list(outside)) {
      assertEquals(List.of(outside.resolve("kept")), names.toList());
    }
    assertEquals("kept", Files.readString(outside.resolve("kept")));
    assertEquals(THEN, Files.getLastModifiedTime(outside.resolve("kept")));
    assertEquals(THEN, Files.getLastModifiedTime(outside));
    assertEquals(1, Files.getAttribute(outside.resolve("kept"), "unix:nlink"));
  }

  /** All paths of a tree. */
  static List<String> paths(FileTree tree) throws IOException {
    var paths = new ArrayList<String>();
    addPaths(tree, tree.root(), paths);
    return paths;
  }

  private static void addPaths(FileTree tree, FileNode directory, List<String> paths)
      throws IOException {
    for (FileNode node : tree.list(directory)) {
      paths.add(node.path());
      if (node.isDirectory()) {
        addPaths(tree, node, paths);
      }
    }
  }
}
