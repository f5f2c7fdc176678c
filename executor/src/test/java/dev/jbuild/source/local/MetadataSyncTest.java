package dev.jbuild.source.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import fsutil.types.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataSyncTest {
  private final Kernel kernel = new LibcKernel();
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final Path context;
  private final LocalMirrors mirrors;

  MetadataSyncTest(@TempDir Path root) throws IOException {
    context = Files.createDirectory(root.resolve("context"));
    Path contexts = root.resolve("contexts");
    var durability = new Durability(contexts.resolve(".unsynced"), "boot", kernel, task -> {});
    // In the future of the files' times, so that none counts as just written.
    mirrors =
        new LocalMirrors(
            contexts, kernel, durability, readers, () -> Instant.ofEpochSecond(9_000_000_000L));
    mirrors.open();
  }

  @BeforeEach
  void someFiles() throws IOException {
    write("data", "contents");
    write("dir/file1", "file1");
    write("dir/file2", "file2");
    write("dir/subdir/bar1", "bar1");
    write("dir/subdir/bar2", "bar2");
    write("dir/subdir2/bar3", "bar3");
    write("foo", "foo");
  }

  @AfterEach
  void stop() {
    readers.shutdownNow();
  }

  private void write(String path, String text) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private LocalMirrors.Lease sync(String... patterns) throws Exception {
    var files = new DirectoryFileSync(Map.of("context", context), kernel);
    var all = new FileSync.Filter(List.of(), List.of(), List.of());
    return mirrors.sync("key", new MetadataSync(files, List.of(patterns)), "context", all);
  }

  private static void names(FileTree tree, FileNode at, List<String> into) throws IOException {
    for (FileNode node : tree.list(at)) {
      into.add(node.path());
      names(tree, node, into);
    }
  }

  private static List<String> names(LocalMirrors.Lease lease) throws IOException {
    var names = new ArrayList<String>();
    names(lease.tree(), lease.tree().root(), names);
    return names;
  }

  private static byte[] bytes(LocalMirrors.Lease lease, String path) throws IOException {
    return Files.readAllBytes(node(lease, path).file());
  }

  private static String text(LocalMirrors.Lease lease, String path) throws IOException {
    return new String(bytes(lease, path), StandardCharsets.UTF_8);
  }

  private static FileNode node(LocalMirrors.Lease lease, String path) throws IOException {
    return Objects.requireNonNull(lease.tree().lookup(path));
  }

  /** What the file with the metadata tells. */
  private static List<Stat> stats(LocalMirrors.Lease lease) throws IOException {
    var buffer = ByteBuffer.wrap(bytes(lease, ".fsutil-metadata")).order(ByteOrder.LITTLE_ENDIAN);
    var stats = new ArrayList<Stat>();
    while (buffer.hasRemaining()) {
      var stat = new byte[buffer.getInt()];
      buffer.get(stat);
      stats.add(Stat.parseFrom(stat));
    }
    return stats;
  }

  @Test
  void onlyWhatIsSelectedComesAndAllIsDescribed() throws Exception {
    try (var lease = sync("dir/**/*1", "foo")) {
      assertEquals(
          List.of(".fsutil-metadata", "dir", "dir/file1", "dir/subdir", "dir/subdir/bar1", "foo"),
          names(lease));
      assertEquals(
          List.of(
              "data",
              "dir",
              "dir/file1",
              "dir/file2",
              "dir/subdir",
              "dir/subdir/bar1",
              "dir/subdir/bar2",
              "dir/subdir2",
              "dir/subdir2/bar3",
              "foo"),
          stats(lease).stream().map(Stat::getPath).toList());
      assertEquals("bar1", text(lease, "dir/subdir/bar1"));
      assertEquals(4, lease.filesReceived());
    }
  }

  @Test
  void withoutPatternsOnlyTheDescriptionComes() throws Exception {
    Files.createSymbolicLink(context.resolve("link"), Path.of("dir/ä"));
    kernel.changeTimes(context.resolve("data"), 1, 1_600_000_000_000_000_001L);
    kernel.changeMode(context.resolve("data"), 04751);
    try (var lease = sync()) {
      assertEquals(List.of(".fsutil-metadata"), names(lease));
      List<Stat> stats = stats(lease);
      assertEquals(
          Stat.newBuilder()
              .setPath("data")
              .setMode(1 << 23 | 0751)
              .setSize(8)
              .setModTime(1_600_000_000_000_000_001L)
              .build(),
          stats.getFirst());
      assertEquals(1 << 31 | 0755, stats.get(1).getMode());
      Stat link = stats.getLast();
      assertEquals("dir/ä", link.getLinkname());
      assertEquals(6, link.getSize());
      assertEquals(1, lease.filesReceived());
    }
  }

  @Test
  void aChangeIsSeenAndTheRestIsNotReceivedAgain() throws Exception {
    sync("dir/**/*1", "foo").close();
    write("dir/file1", "other");
    kernel.changeTimes(context.resolve("dir/file1"), 1, 1_500_000_000_000_000_000L);
    Files.delete(context.resolve("dir/subdir/bar1"));
    try (var lease = sync("dir/**/*1", "foo")) {
      assertEquals(List.of(".fsutil-metadata", "dir", "dir/file1", "foo"), names(lease));
      assertEquals("other", text(lease, "dir/file1"));
      assertEquals(9, stats(lease).size());
      assertEquals(2, lease.filesReceived());
    }
  }

  @Test
  void aSelectedNameOfAFileWhoseFirstNameIsNotIsTheFile() throws Exception {
    Files.createLink(context.resolve("x1"), context.resolve("data"));
    Files.createLink(context.resolve("x2"), context.resolve("data"));
    try (var lease = sync("x*")) {
      assertEquals(List.of(".fsutil-metadata", "x1", "x2"), names(lease));
      assertEquals("contents", text(lease, "x1"));
      assertEquals("contents", text(lease, "x2"));
      assertEquals(node(lease, "x1").stat().inode(), node(lease, "x2").stat().inode());
    }
  }

  @Test
  void aFileOfTheDescriptionsNameIsNotReceived() throws Exception {
    write(".fsutil-metadata", "forged");
    try (var lease = sync(".fsutil*", "foo")) {
      assertEquals(List.of(".fsutil-metadata", "foo"), names(lease));
      assertEquals(9 + 1, stats(lease).size());
    }
  }

  @Test
  void otherPatternsAreAnotherDirectory() {
    var files = new DirectoryFileSync(Map.of("context", context), kernel);
    assertEquals(
        "\0.fsutil-metadata\0a\0b", new MetadataSync(files, List.of("a", "b")).identity("c"));
  }
}
