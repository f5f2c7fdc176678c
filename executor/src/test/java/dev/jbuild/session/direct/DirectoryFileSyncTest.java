package dev.jbuild.session.direct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryFileSyncTest {
  private static final FileSync.Filter ALL = filter(List.of(), List.of(), List.of());

  private final Kernel kernel = new LibcKernel();

  @TempDir private Path root;

  @Test
  void parentsComeFirstAndSiblingsInTheOrderOfTheirBytes() throws IOException {
    for (String path : List.of("b", "a/z", "a.x", "ab", "\uFF5E", "\uD83D\uDE00", "Z")) {
      write(path);
    }
    assertEquals(List.of("Z", "a", "a/z", "a.x", "ab", "b", "\uFF5E", "\uD83D\uDE00"), paths(ALL));
  }

  @Test
  void entryTellsWhatTheFieldsClientsTell() throws IOException {
    write("f");
    Path file = root.resolve("f");
    kernel.changeMode(file, 04711);
    kernel.changeTimes(file, 1, 1_234_567_890_123_456_789L);
    if (kernel.effectiveUserId() == 0) {
      kernel.changeOwner(file, 12, 34);
      kernel.changeMode(file, 04711);
    }
    assertEquals(
        List.of(new FileSync.Entry("f", 0104711, 0, 0, 1, 1_234_567_890_123_456_789L, "", 0, 0)),
        walk(ALL));
  }

  @Test
  void linksAreSentAsLinks() throws IOException {
    write("a");
    Files.createSymbolicLink(root.resolve("l"), Path.of("/etc/shadow"));
    Files.createLink(root.resolve("b"), root.resolve("a"));
    assertEquals(
        List.of("a ", "b a", "l /etc/shadow"),
        walk(ALL).stream().map(entry -> entry.path() + " " + entry.linkTarget()).toList());
  }

  @Test
  void socketsAreSkipped() throws IOException {
    write("a");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(root.resolve("socket")));
      assertEquals(List.of("a"), paths(ALL));
    }
  }

  @Test
  void excludedDirectoriesAreNotEvenListed() throws IOException {
    write("node_modules/x/y");
    write("src/a");
    Files.createFile(root.resolve("node_modules/bad"));
    assertEquals(
        List.of("src", "src/a"), paths(filter(List.of(), List.of("node_modules"), List.of())));
  }

  @Test
  void excludedDirectoryIsSentForWhatIsTakenBack() throws IOException {
    write("d/keep");
    write("d/drop");
    write("e/drop");
    assertEquals(
        List.of("d", "d/keep"), paths(filter(List.of(), List.of("*", "!d/keep"), List.of())));
  }

  @Test
  void includedPathsComeWithTheirParents() throws IOException {
    write("a/b/c.go");
    write("a/b/d.txt");
    write("x/y");
    assertEquals(
        List.of("a", "a/b", "a/b/c.go"), paths(filter(List.of("**/*.go"), List.of(), List.of())));
  }

  @Test
  void followedPathsComeWithAllLinksOnTheWay() throws IOException {
    write("real/dir/file");
    write("real/other");
    Files.createSymbolicLink(root.resolve("l1"), Path.of("l2/dir"));
    Files.createSymbolicLink(root.resolve("l2"), Path.of("/../real"));
    assertEquals(
        List.of("l1", "l2", "real", "real/dir", "real/dir/file"),
        paths(filter(List.of(), List.of(), List.of("l1/file"))));
  }

  @Test
  void followedPathsMayHaveWildcards() throws IOException {
    write("a/x.go");
    write("b/x.go");
    write("b/x.txt");
    assertEquals(
        List.of("a", "a/x.go", "b", "b/x.go"),
        paths(filter(List.of(), List.of(), List.of("?/*.go"))));
  }

  @Test
  void endlessLinksAreAnError() throws IOException {
    Files.createSymbolicLink(root.resolve("a"), Path.of("a/a"));
    var e =
        assertThrows(BuildException.class, () -> paths(filter(List.of(), List.of(), List.of("a"))));
    assertEquals(root.toRealPath() + "/a: more than 255 symbolic links", e.message());
  }

  @Test
  void followedRootIsAll() throws IOException {
    write("a/b");
    assertEquals(List.of("a", "a/b"), paths(filter(List.of(), List.of(), List.of("/"))));
  }

  @Test
  void contentCanBeRead() throws IOException {
    write("a");
    try (var walk = open(ALL);
        var in = Channels.newInputStream(walk.read(walk.next()))) {
      assertArrayEquals("x".getBytes(StandardCharsets.UTF_8), in.readAllBytes());
    }
  }

  @Test
  void fileThatVanishesIsNamed() throws IOException {
    write("a");
    try (var walk = open(ALL)) {
      FileSync.Entry entry = walk.next();
      Files.delete(root.resolve("a"));
      var e = assertThrows(BuildException.class, () -> walk.read(entry));
      assertEquals(
          root.toRealPath() + "/a: was removed while the build read it; build again", e.message());
    }
  }

  @Test
  void directoryThatVanishesIsNamed() throws IOException {
    write("a/b");
    try (var walk = open(ALL)) {
      Files.delete(root.resolve("a/b"));
      Files.delete(root.resolve("a"));
      var e = assertThrows(BuildException.class, walk::hasNext);
      assertEquals(
          root.toRealPath() + "/a: was removed while the build read it; build again", e.message());
    }
  }

  @Test
  void unknownNameIsRefused() {
    var e =
        assertThrows(
            BuildException.class,
            () -> new DirectoryFileSync(Map.of("context", root), kernel).open("other", ALL));
    assertEquals(Code.NOT_FOUND, e.code());
    assertEquals("local source 'other': the client offers only [context]", e.message());
  }

  @Test
  void missingDirectoryIsRefused() {
    var sync = new DirectoryFileSync(Map.of("context", root.resolve("no")), kernel);
    var e = assertThrows(BuildException.class, () -> sync.open("context", ALL));
    assertEquals(root.resolve("no") + ": does not exist", e.message());
  }

  @Test
  void closedWalkEndsWithAnError() throws IOException {
    write("a");
    var walk = open(ALL);
    walk.close();
    assertEquals(Code.CANCELLED, assertThrows(BuildException.class, walk::hasNext).code());
  }

  private void write(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "x");
  }

  private FileSync.Walk open(FileSync.Filter filter) throws IOException {
    return new DirectoryFileSync(Map.of("context", root), kernel).open("context", filter);
  }

  private List<FileSync.Entry> walk(FileSync.Filter filter) throws IOException {
    var entries = new ArrayList<FileSync.Entry>();
    try (var walk = open(filter)) {
      walk.forEachRemaining(entries::add);
    }
    return entries;
  }

  private List<String> paths(FileSync.Filter filter) throws IOException {
    return walk(filter).stream().map(FileSync.Entry::path).toList();
  }

  private static FileSync.Filter filter(
      List<String> includes, List<String> excludes, List<String> follow) {
    return new FileSync.Filter(includes, excludes, follow);
  }
}
