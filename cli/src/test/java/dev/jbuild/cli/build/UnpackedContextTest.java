package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.diff.TarEntry;
import dev.jbuild.diff.TarWriter;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contexts that come as a tar. */
class UnpackedContextTest {
  private static final long TIME_NANOS = 1_600_000_000_000_000_000L;

  @TempDir Path work;

  /** One entry with a mode that its kind has usually. */
  private static TarEntry entry(
      String name, TarEntry.Type type, int mode, String content, String link) {
    long size = content.getBytes(StandardCharsets.UTF_8).length;
    return new TarEntry(name, type, mode, 7, 8, size, TIME_NANOS, link, 0, 0, Map.of());
  }

  private record Part(TarEntry entry, String content) {}

  private static Part file(String name, String content) {
    return new Part(entry(name, TarEntry.Type.REGULAR, 0644, content, ""), content);
  }

  private static Part link(String name, String target) {
    return new Part(entry(name, TarEntry.Type.SYMLINK, 0777, "", target), "");
  }

  private static Part hardLink(String name, String target) {
    return new Part(entry(name, TarEntry.Type.HARD_LINK, 0644, "", target), "");
  }

  private static Part directory(String name, int mode) {
    return new Part(entry(name, TarEntry.Type.DIRECTORY, mode, "", ""), "");
  }

  private static byte[] tar(Part... parts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var writer = new TarWriter(bytes);
    for (Part part : parts) {
      writer.begin(part.entry());
      byte[] content = part.content().getBytes(StandardCharsets.UTF_8);
      writer.write(content, 0, content.length);
    }
    writer.finish();
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private UnpackedContext unpacked(byte[] archive) {
    var plan =
        new BuildPlan(
            Map.of("filename", "Dockerfile"),
            new BuildPlan.DockerfileInContext("Dockerfile"),
            new BuildPlan.ArchiveOnInput(new ByteArrayInputStream(archive)),
            Map.of(),
            Map.of(),
            List.of(),
            new TreeSet<>(),
            Map.of(),
            Map.of(),
            null);
    return UnpackedContext.of(plan, Map.of("TMPDIR", work.toString()));
  }

  /** Paths with their modes and contents or targets. */
  private static Map<String, String> shown(@Nullable Path root) throws IOException {
    assertNotNull(root);
    var shown = new TreeMap<String, String>();
    try (var paths = Files.walk(root)) {
      for (Path path : paths.filter(p -> !p.equals(root)).toList()) {
        String name = root.relativize(path).toString();
        if (Files.isSymbolicLink(path)) {
          shown.put(name, "-> " + Files.readSymbolicLink(path));
          continue;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode") & 07777;
        String content = Files.isDirectory(path) ? "directory" : Files.readString(path);
        shown.put(name, Integer.toOctalString(mode) + " " + content);
      }
    }
    return shown;
  }

  @Test
  void filesAreAsTheArchiveSays() throws IOException {
    byte[] archive =
        tar(
            directory("./", 0755),
            directory("./d/", 0555),
            file("./d/run", "x"),
            link("l", "/etc/passwd"),
            hardLink("h", "d/run"),
            file("/rooted", "y"),
            file("no/parent", "z"));
    for (byte[] form : List.of(archive, gzip(archive))) {
      try (var context = unpacked(form)) {
        Path root = context.directory();
        assertNotNull(root);
        assertEquals(
            Map.of(
                "d", "555 directory",
                "d/run", "644 x",
                "l", "-> /etc/passwd",
                "h", "644 x",
                "rooted", "644 y",
                "no", "755 directory",
                "no/parent", "644 z"),
            shown(root));
        assertEquals(
            TIME_NANOS / 1_000_000, Files.getLastModifiedTime(root.resolve("d")).toMillis());
        assertEquals(Map.of("context", root, "dockerfile", root), context.plan().directories());
      }
    }
    assertNothingIsLeft();
  }

  @Test
  void theLastEntryOfANameCounts() throws IOException {
    byte[] archive = tar(file("a", "1"), link("b", "a"), file("b", "2"), file("a", "3"));
    try (var context = unpacked(archive)) {
      assertEquals(Map.of("a", "644 3", "b", "644 2"), shown(context.directory()));
    }
  }

  @Test
  void nothingLeavesTheDirectory() throws IOException {
    refused("tar entry '../x': '../x' leads out of the directory", file("../x", ""));
    refused("tar entry 'a/../../x': 'a/../../x' leads out of the directory", file("a/../../x", ""));
    refused(
        "tar entry 'l/x': lies behind 'l', which is no directory",
        link("l", work.toString()),
        file("l/x", ""));
    refused(
        "tar entry 'h': is a hard link to '/etc/passwd', which did not come before",
        hardLink("h", "/etc/passwd"));
    refused(
        "tar entry 'h': lies behind 'l', which is no directory",
        link("l", "/etc"),
        hardLink("h", "l/passwd"));
    refused("tar entry 'h': '../x' leads out of the directory", hardLink("h", "../x"));
    refused(
        "tar entry 'h': is a hard link to 'l', which did not come before",
        link("l", "/etc/passwd"),
        hardLink("h", "l"));
  }

  @Test
  void whatNoContextHasIsRefused() throws IOException {
    refused(
        "tar entry 'p': is a device or pipe, which no build context has",
        new Part(entry("p", TarEntry.Type.FIFO, 0644, "", ""), ""));
    refused("tar entry 'd': is a directory already", directory("d/", 0755), file("d", ""));
  }

  @Test
  void aCutArchiveIsSaid() throws IOException {
    byte[] archive = tar(file("a", "x".repeat(2000)));
    var failure = assertThrows(BuildException.class, () -> unpacked(Arrays.copyOf(archive, 1000)));
    assertEquals("standard input: tar stream ends in the middle of entry 'a'", failure.message());
    assertNothingIsLeft();
  }

  @Test
  void anArchiveIsBounded() throws IOException {
    byte[] archive = tar(file("a", "12345"), file("b", "12345"));
    var writer = new ArchiveWriter(work, new UnpackLimits(9, 100));
    var failure =
        assertThrows(IOException.class, () -> writer.write(new ByteArrayInputStream(archive)));
    assertEquals(
        "tar entry 'b': the archive is over the limit of 9 bytes or 100 entries",
        failure.getMessage());
  }

  @Test
  void otherContextsStayAsTheyAre() {
    var plan =
        new BuildPlan(
            Map.of(),
            new BuildPlan.DockerfileInContext("Dockerfile"),
            new BuildPlan.EmptyContext(),
            Map.of(),
            Map.of(),
            List.of(),
            new TreeSet<>(),
            Map.of(),
            Map.of(),
            null);
    try (var context = UnpackedContext.of(plan, Map.of())) {
      assertEquals(plan, context.plan());
      assertNull(context.directory());
    }
  }

  private void refused(String why, Part... parts) throws IOException {
    byte[] archive = tar(parts);
    var failure = assertThrows(BuildException.class, () -> unpacked(archive));
    assertEquals(Code.INVALID, failure.code());
    assertEquals("standard input: " + why, failure.message());
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    try (var left = Files.list(work)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
