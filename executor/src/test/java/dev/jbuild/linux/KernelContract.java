package dev.jbuild.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Kernel} does with files, as any user. */
public abstract class KernelContract {
  protected abstract Kernel kernel();

  @Test
  void statAgreesWithTheJdk(@TempDir Path dir) throws IOException {
    var file = Files.writeString(dir.resolve("über"), "12345");
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000L, 42)));
    var unix = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
    var stat = kernel().stat(file);
    assertEquals(unix.get("mode"), stat.mode());
    assertEquals(unix.get("uid"), stat.uid());
    assertEquals(unix.get("gid"), stat.gid());
    assertEquals(unix.get("ino"), stat.inode());
    assertEquals(unix.get("nlink"), stat.links());
    assertEquals(5, stat.sizeBytes());
    assertEquals(1_700_000_000_000_000_042L, stat.modifiedNanos());
    assertEquals(kernel().stat(dir).fileSystem(), stat.fileSystem());
    assertTrue(stat.isRegular());
  }

  @Test
  void statOfALinkIsTheLink(@TempDir Path dir) throws IOException {
    var link = Files.createSymbolicLink(dir.resolve("link"), Path.of("nowhere"));
    assertTrue(kernel().stat(link).isSymlink());
  }

  @Test
  void statOfNothingNamesThePath(@TempDir Path dir) {
    var missing = dir.resolve("missing");
    var failure = assertThrows(ErrnoException.class, () -> kernel().stat(missing));
    assertEquals("stat " + missing + ": ENOENT (no such file or directory)", failure.getMessage());
    assertEquals(Errno.ENOENT, failure.errno());
  }

  @Test
  void longNamesWork(@TempDir Path dir) throws IOException {
    var deep = dir;
    for (int i = 0; i < 12; i++) {
      deep = deep.resolve("ü".repeat(100));
    }
    Files.createDirectories(deep);
    assertTrue(kernel().stat(deep).isDirectory());
  }

  @Test
  void allTwelveModeBitsAreSet(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    kernel().changeMode(file, 06755);
    assertEquals(06755, kernel().stat(file).permissions());
  }

  @Test
  void modeOfALinkNeverReachesItsTarget(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    int before = kernel().stat(file).mode();
    var link = Files.createSymbolicLink(dir.resolve("link"), file);
    var failure = assertThrows(ErrnoException.class, () -> kernel().changeMode(link, 0));
    assertEquals(Errno.ENOTSUP, failure.errno());
    assertEquals(before, kernel().stat(file).mode());
  }

  @Test
  void timesBefore1970AreExact(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    kernel().changeTimes(file, 7, -1);
    assertEquals(-1, kernel().stat(file).modifiedNanos());
  }

  @Test
  void timesOfALinkLeaveItsTarget(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    long before = kernel().stat(file).modifiedNanos();
    var link = Files.createSymbolicLink(dir.resolve("link"), file);
    kernel().changeTimes(link, 1, 2);
    assertEquals(2, kernel().stat(link).modifiedNanos());
    assertEquals(before, kernel().stat(file).modifiedNanos());
  }

  @Test
  void attributesComeBackAsWritten(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    byte[] large = new byte[3000];
    kernel().setAttribute(file, "user.b", large);
    kernel().setAttribute(file, "user.a", "ä".getBytes(StandardCharsets.UTF_8));
    kernel().setAttribute(file, "user.gone", new byte[0]);
    kernel().removeAttribute(file, "user.gone");
    Map<String, byte[]> read = kernel().attributes(file);
    assertEquals(List.of("user.a", "user.b"), List.copyOf(read.keySet()));
    assertArrayEquals(large, read.get("user.b"));
  }

  @Test
  void listsLongerThanUsualAreReadWhole(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    for (int i = 0; i < 20; i++) {
      kernel().setAttribute(file, "user." + "n".repeat(60) + i, new byte[] {1});
    }
    assertEquals(20, kernel().attributes(file).size());
  }

  @Test
  void fileWithoutAttributesHasNone(@TempDir Path dir) throws IOException {
    assertEquals(Map.of(), kernel().attributes(Files.createFile(dir.resolve("file"))));
    assertEquals(Map.of(), kernel().attributes(Path.of("/proc/self/status")));
  }

  @Test
  void hardLinkOfALinkIsTheLink(@TempDir Path dir) throws IOException {
    var link = Files.createSymbolicLink(dir.resolve("link"), Path.of("nowhere"));
    kernel().link(link, dir.resolve("second"));
    assertEquals(2, kernel().stat(link).links());
    assertTrue(kernel().stat(dir.resolve("second")).isSymlink());
  }

  @Test
  void renameReplacesOnlyWhenAllowed(@TempDir Path dir) throws IOException {
    var one = Files.writeString(dir.resolve("one"), "1");
    var two = Files.writeString(dir.resolve("two"), "2");
    var failure =
        assertThrows(
            ErrnoException.class, () -> kernel().rename(one, two, Kernel.RENAME_NOREPLACE));
    assertEquals(Errno.EEXIST, failure.errno());
    kernel().rename(one, two, Kernel.RENAME_EXCHANGE);
    assertEquals("2", Files.readString(one));
    kernel().rename(one, two, 0);
    assertEquals("2", Files.readString(two));
    assertFalse(Files.exists(one));
  }

  @Test
  void copyHasTheSameBytes(@TempDir Path dir) throws IOException {
    byte[] content = new byte[100_000];
    new Random(7).nextBytes(content);
    var from = Files.write(dir.resolve("from"), content);
    assertEquals(content.length, kernel().copyFile(from, dir.resolve("to")));
    assertArrayEquals(content, Files.readAllBytes(dir.resolve("to")));
    assertEquals(0600, kernel().stat(dir.resolve("to")).permissions());
  }

  @Test
  void copyOfAnEmptyFileIsEmpty(@TempDir Path dir) throws IOException {
    var from = Files.createFile(dir.resolve("from"));
    assertEquals(0, kernel().copyFile(from, dir.resolve("to")));
    assertEquals(0, Files.size(dir.resolve("to")));
  }

  @Test
  void copyCrossesFileSystems(@TempDir Path dir) throws IOException {
    var to = dir.resolve("to");
    kernel().copyFile(Path.of("/proc/sys/kernel/ostype"), to);
    assertEquals("Linux\n", Files.readString(to));
  }

  @Test
  void copyNeverReplacesOrFollows(@TempDir Path dir) throws IOException {
    var from = Files.writeString(dir.resolve("from"), "new");
    var victim = Files.writeString(dir.resolve("victim"), "old");
    var link = Files.createSymbolicLink(dir.resolve("link"), victim);
    assertThrows(ErrnoException.class, () -> kernel().copyFile(from, victim));
    assertThrows(ErrnoException.class, () -> kernel().copyFile(from, link));
    assertThrows(ErrnoException.class, () -> kernel().copyFile(link, dir.resolve("to")));
    assertEquals("old", Files.readString(victim));
  }

  @Test
  void nothingLeadsOutOfTheRoot(@TempDir Path dir) throws IOException {
    var root = dir.resolve("root");
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(dir.resolve("secret"), "outside");
    var inside = Files.writeString(root.resolve("secret"), "inside");
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/secret"));
    Files.createSymbolicLink(root.resolve("etc/climbing"), Path.of("../../../secret"));
    for (String path : new String[] {"absolute", "etc/climbing", "/secret", "../../secret"}) {
      try (var opened = kernel().openInRoot(root, path)) {
        assertEquals(inside.toRealPath(), opened.path().toRealPath(), path);
      }
    }
    try (var opened = kernel().openInRoot(root, "")) {
      assertEquals(root.toRealPath(), opened.path().toRealPath());
    }
  }

  @Test
  void openInRootNamesWhatIsMissing(@TempDir Path dir) {
    var failure = assertThrows(ErrnoException.class, () -> kernel().openInRoot(dir, "a/b"));
    assertEquals(
        "open a/b inside " + dir + ": ENOENT (no such file or directory)", failure.getMessage());
  }

  @Test
  void closedDescriptorIsNeverUsedAgain(@TempDir Path dir) throws IOException {
    var opened = kernel().openInRoot(dir, ".");
    opened.close();
    opened.close();
    assertThrows(IllegalStateException.class, opened::number);
  }

  @Test
  void processFactsAgreeWithTheJdk() throws IOException {
    assertEquals(ProcessHandle.current().pid(), kernel().processId());
    assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), kernel().effectiveUserId());
    var files = kernel().limit(7);
    assertTrue(files.soft() > 0 && (files.hard() < 0 || files.soft() <= files.hard()));
    kernel().signal(kernel().processId(), 0);
  }

  @Test
  void syncOfADirectoryReturns(@TempDir Path dir) throws IOException {
    kernel().syncFileSystem(dir);
  }
}
