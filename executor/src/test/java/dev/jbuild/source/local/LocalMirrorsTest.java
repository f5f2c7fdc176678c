package dev.jbuild.source.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.TreeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalMirrorsTest {
  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());

  private final Kernel kernel = new LibcKernel();
  private final ExecutorService readers = Executors.newFixedThreadPool(4);
  private final Deque<Runnable> background = new ArrayDeque<>();
  private LocalMirrors mirrors;
  private Path context;
  private Path contexts;

  LocalMirrorsTest(@TempDir Path root) throws IOException {
    context = Files.createDirectory(root.resolve("context"));
    contexts = root.resolve("contexts");
    mirrors = create("boot1");
  }

  @BeforeEach
  void someFiles() throws IOException {
    write("a", "1");
    write("d/b", "2");
    Files.createSymbolicLink(context.resolve("l"), Path.of("d/b"));
    Files.createLink(context.resolve("d/c"), context.resolve("d/b"));
  }

  @AfterEach
  void stop() {
    readers.shutdownNow();
  }

  private LocalMirrors create(String boot) throws IOException {
    var durability =
        new Durability(contexts.resolve(".unsynced"), boot, kernel, background::addLast);
    // In the future of the files' times, so that none counts as just written.
    var created =
        new LocalMirrors(
            contexts, kernel, durability, readers, () -> Instant.ofEpochSecond(9_000_000_000L));
    created.open();
    return created;
  }

  @Test
  void treeShowsWhatWasSent() throws Exception {
    try (var lease = sync()) {
      assertEquals(
          """
          -0644 0:0 a = 1
          d0755 0:0 d
          -0644 0:0 d/b = 2
          -0644 0:0 d/c = 2
          l0777 0:0 l -> d/b""",
          TreeText.of(lease.tree()));
      assertEquals(2, lease.filesReceived());
      assertEquals(2, lease.bytesReceived());
    }
  }

  @Test
  void storedFilesLookAsTheirEntries() throws Exception {
    kernel.changeMode(context.resolve("a"), 0750);
    kernel.changeTimes(context.resolve("a"), 1, 1_600_000_000_000_000_001L);
    try (var lease = sync()) {
      FileNode node = node(lease.tree(), "a");
      var stored = kernel.stat(node.file());
      assertEquals(node.stat().mode(), stored.mode());
      assertEquals(node.stat().modifiedNanos(), stored.modifiedNanos());
      assertEquals(node.stat().inode(), stored.inode());
      assertEquals(node.stat().fileSystem(), stored.fileSystem());
      assertEquals(1_600_000_000_000_000_001L, stored.modifiedNanos());
    }
  }

  @Test
  void hardLinksAreOneFile() throws Exception {
    try (var lease = sync()) {
      assertEquals(
          node(lease.tree(), "d/b").stat().inode(), node(lease.tree(), "d/c").stat().inode());
      assertEquals(2, node(lease.tree(), "d/b").stat().links());
      assertEquals(1, node(lease.tree(), "a").stat().links());
    }
  }

  @Test
  void unchangedFilesAreNotReadAgain() throws Exception {
    sync().close();
    try (var lease = sync()) {
      assertEquals(0, lease.filesReceived());
      assertEquals(Digest.of(utf8("1")), lease.tree().digest(node(lease.tree(), "a")));
    }
  }

  @Test
  void unchangedFilesAreNotReadAgainAfterARestart() throws Exception {
    sync().close();
    mirrors = create("boot1");
    try (var lease = sync()) {
      assertEquals(0, lease.filesReceived());
      assertEquals("1", Files.readString(node(lease.tree(), "a").file()));
    }
  }

  @Test
  void changedFileAloneIsReadAgain() throws Exception {
    sync().close();
    write("a", "changed");
    try (var lease = sync()) {
      assertEquals(1, lease.filesReceived());
      assertEquals("changed", Files.readString(node(lease.tree(), "a").file()));
      assertEquals(Digest.of(utf8("changed")), lease.tree().digest(node(lease.tree(), "a")));
    }
    assertEquals(2, storedFiles());
  }

  @Test
  void fileJustWrittenIsReadAgainOnce() throws Exception {
    kernel.changeTimes(context.resolve("a"), 1, 9_000_000_000_000_000_000L);
    sync().close();
    try (var lease = sync()) {
      assertEquals(1, lease.filesReceived());
    }
  }

  @Test
  void removedFilesAreGone() throws Exception {
    sync().close();
    Files.delete(context.resolve("d/b"));
    Files.delete(context.resolve("d/c"));
    Files.delete(context.resolve("d"));
    try (var lease = sync()) {
      assertEquals("-0644 0:0 a = 1\nl0777 0:0 l -> d/b", TreeText.of(lease.tree()));
    }
    assertEquals(1, storedFiles());
  }

  @Test
  void buildSeesWhatItReceivedWhateverComesLater() throws Exception {
    try (var before = sync()) {
      write("a", "later");
      Files.delete(context.resolve("l"));
      try (var after = sync()) {
        assertEquals("later", Files.readString(node(after.tree(), "a").file()));
      }
      assertEquals("1", Files.readString(node(before.tree(), "a").file()));
      assertEquals("l0777", TreeText.of(before.tree()).lines().toList().getLast().substring(0, 5));
      assertEquals(3, storedFiles());
    }
    assertEquals(2, storedFiles());
  }

  @Test
  void buildThatStartedEarlierAndEndsLaterHarmsNoOther() throws Exception {
    sync().close();
    var slow = new OddWalks.SlowWalk();
    var result = readers.submit(() -> mirrors.sync("key", (name, filter) -> slow, "context", ALL));
    slow.asked.await();
    write("a", "other");
    try (var other = sync()) {
      slow.go.countDown();
      try (var lease = result.get()) {
        assertEquals("slow", Files.readString(node(lease.tree(), "a").file()));
      }
      assertEquals("other", Files.readString(node(other.tree(), "a").file()));
    }
  }

  @Test
  void failedSyncLeavesTheMirrorAsItWas() throws Exception {
    sync().close();
    write("a", "changed");
    FileSync failing = (name, filter) -> new OddWalks.FailingWalk(offer().open(name, filter));
    var e = assertThrows(IOException.class, () -> mirrors.sync("key", failing, "context", ALL));
    assertEquals("broken", e.getMessage());
    assertEquals(2, storedFiles());
    try (var lease = sync()) {
      assertEquals(1, lease.filesReceived());
    }
  }

  /** A client that had sent all, and said no farewell, was waited for. */
  @Test
  void cancelledSyncClosesItsWalkAsCancelled() throws Exception {
    var closed = new CompletableFuture<Boolean>();
    var slow =
        new OddWalks.SlowWalk() {
          @Override
          public void close() {
            closed.complete(Thread.currentThread().isInterrupted());
            go.countDown();
          }
        };
    var thrown = new CompletableFuture<Throwable>();
    var build =
        Thread.ofVirtual()
            .start(
                () ->
                    thrown.complete(
                        assertThrows(
                            InterruptedException.class,
                            () -> mirrors.sync("key", (name, filter) -> slow, "context", ALL))));
    slow.asked.await();
    build.interrupt();
    assertTrue(closed.get(30, TimeUnit.SECONDS));
    assertTrue(thrown.get(30, TimeUnit.SECONDS) instanceof InterruptedException);
  }

  /** What the later one had received was left behind, and its number given to another file. */
  @Test
  void twoThatFailAtOnceHarmNoLaterOne() throws Exception {
    sync().close();
    var late = new OddWalks.LateFailure();
    var result = readers.submit(() -> mirrors.sync("key", (name, filter) -> late, "context", ALL));
    late.reached.await();
    write("a", "changed");
    FileSync failing = (name, filter) -> new OddWalks.FailingWalk(offer().open(name, filter));
    assertThrows(IOException.class, () -> mirrors.sync("key", failing, "context", ALL));
    late.go.countDown();
    assertThrows(ExecutionException.class, result::get);
    try (var lease = sync()) {
      assertEquals(1, lease.filesReceived());
      assertEquals(7, lease.bytesReceived());
    }
  }

  @Test
  void killedSyncIsRepaired() throws Exception {
    sync().close();
    Path mirror = onlyMirror();
    Files.createFile(mirror.resolve("dirty"));
    Files.writeString(mirror.resolve("files/7/1000007"), "left over");
    mirrors = create("boot1");
    try (var lease = sync()) {
      assertEquals(0, lease.filesReceived());
    }
    assertEquals(2, storedFiles());
    assertFalse(Files.exists(mirror.resolve("dirty")));
  }

  @Test
  void truncatedIndexIsForgotten() throws Exception {
    sync().close();
    Path index = onlyMirror().resolve("index");
    byte[] bytes = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(bytes, bytes.length / 2));
    mirrors = create("boot1");
    try (var lease = sync()) {
      assertEquals(2, lease.filesReceived());
    }
    assertEquals(2, storedFiles());
  }

  @Test
  void mirrorThatWasNotSyncedIsForgottenAfterALossOfPower() throws Exception {
    sync().close();
    mirrors = create("boot2");
    try (var lease = sync()) {
      assertEquals(2, lease.filesReceived());
    }
    background.forEach(Runnable::run);
    mirrors = create("boot3");
    try (var lease = sync()) {
      assertEquals(0, lease.filesReceived());
    }
  }

  @Test
  void mirrorsOfDifferentKeysAreApart() throws Exception {
    sync().close();
    try (var lease = mirrors.sync("other", offer(), "context", ALL)) {
      assertEquals(2, lease.filesReceived());
    }
  }

  @Test
  void hostileClientsAreRefused() {
    assertEquals(
        "the client sent wrong files: '../a' leads out of the directory or is not clean",
        refusal(file("../a")));
    assertEquals(
        "the client sent wrong files: '/a' leads out of the directory or is not clean",
        refusal(file("/a")));
    assertEquals(
        "the client sent wrong files: 'a//b' leads out of the directory or is not clean",
        refusal(file("a//b")));
    assertEquals(
        "the client sent wrong files: 'l/b' was sent before its directory",
        refusal(new FileSync.Entry("l", 0120777, 0, 0, 0, 0, "/etc", 0, 0), file("l/b")));
    assertEquals("the client sent wrong files: 'a' was sent twice", refusal(file("a"), file("a")));
    assertEquals(
        "the client sent wrong files: 'b' is a hard link to '/etc/passwd', which was not sent",
        refusal(new FileSync.Entry("b", 0100644, 0, 0, 0, 0, "/etc/passwd", 0, 0)));
  }

  private String refusal(FileSync.Entry... entries) {
    FileSync hostile = (name, filter) -> new OddWalks.ListWalk(List.of(entries).iterator());
    var e =
        assertThrows(BuildException.class, () -> mirrors.sync("hostile", hostile, "context", ALL));
    assertEquals(Code.INVALID, e.code());
    return e.message();
  }

  private static FileSync.Entry file(String path) {
    return new FileSync.Entry(path, 0100644, 0, 0, 0, 0, "", 0, 0);
  }

  private FileSync offer() {
    return new DirectoryFileSync(Map.of("context", context), kernel);
  }

  private LocalMirrors.Lease sync() throws IOException, InterruptedException {
    return mirrors.sync("key", offer(), "context", ALL);
  }

  private void write(String path, String content) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static FileNode node(FileTree tree, String path) throws IOException {
    FileNode node = tree.lookup(path);
    if (node == null) {
      throw new AssertionError("nothing at " + path);
    }
    return node;
  }

  private Path onlyMirror() throws IOException {
    try (var found = Files.list(contexts)) {
      return found.filter(path -> !path.endsWith(".unsynced")).findFirst().orElseThrow();
    }
  }

  private long storedFiles() throws IOException {
    try (var files = Files.walk(onlyMirror().resolve("files"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }
}
