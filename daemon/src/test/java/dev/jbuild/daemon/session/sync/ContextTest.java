package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Contexts that come over a session, as builds use them. */
@Timeout(120)
class ContextTest {
  private static final FileSync.Filter ALL = new FileSync.Filter(List.of(), List.of(), List.of());

  private final InProcess process = new InProcess();
  private final LibcKernel kernel = new LibcKernel();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private @TempDir Path dir;
  private Path context;
  private LocalMirrors mirrors;
  private FileSync client;

  @BeforeEach
  void begin() throws IOException {
    context = Files.createDirectory(dir.resolve("context"));
    Path contexts = dir.resolve("contexts");
    mirrors =
        new LocalMirrors(
            contexts,
            kernel,
            new Durability(contexts.resolve(".unsynced"), "boot", kernel, task -> {}),
            readers,
            () -> Instant.ofEpochSecond(9_000_000_000L));
    mirrors.open();
    var files = new DirectoryFileSync(Map.of("context", context), kernel);
    var service = new FileSyncService(files, InProcess::headers, Thread.ofVirtual().factory());
    client = new RemoteFileSync(process.to(service), "key");
  }

  @AfterEach
  void stop() {
    process.close();
    readers.shutdownNow();
  }

  private LocalMirrors.Lease sync() throws Exception {
    return mirrors.sync("key", client, "context", ALL);
  }

  @Test
  void manyFilesAreReceivedOnce() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      Path directory = Files.createDirectories(context.resolve("d" + i % 37));
      Files.writeString(directory.resolve("f" + i), "text " + i);
    }
    try (var first = sync();
        var second = sync()) {
      assertEquals(3_000, first.filesReceived());
      assertEquals(0, second.filesReceived());
      assertEquals(
          first.tree().list(first.tree().root()), second.tree().list(second.tree().root()));
    }
    Files.writeString(context.resolve("d5/f5"), "changed");
    try (var third = sync()) {
      assertEquals(1, third.filesReceived());
    }
  }

  @Test
  void largeSparseFileArrivesWhole() throws Exception {
    Path file = context.resolve("sparse");
    long size = 200_000_000;
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.seek(100_000_000);
      sparse.write("in the middle".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      sparse.setLength(size);
    }
    MessageDigest hash = Digest.sha256();
    try (InputStream from = Files.newInputStream(file)) {
      var buffer = new byte[1 << 16];
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    }
    try (var lease = sync()) {
      var node = lease.tree().lookup("sparse");
      assertNotNull(node);
      assertEquals(size, lease.bytesReceived());
      assertEquals(Digest.ofHash(hash.digest()), lease.tree().digest(node));
    }
  }

  @Test
  void attributesAreKeptAndAChangeOfThemIsSeen() throws Exception {
    Path file = Files.writeString(context.resolve("f"), "text");
    byte[] value = {1, 2, 3};
    try {
      kernel.setAttribute(file, "user.a", value);
    } catch (IOException e) {
      assumeTrue(false, "the file system has no extended attributes: " + e);
    }
    Path directory = Files.createDirectory(context.resolve("d"));
    kernel.setAttribute(directory, "user.d", value);
    kernel.setAttribute(file, "user.overlay.redirect", value);
    try (var lease = sync()) {
      var node = lease.tree().lookup("f");
      var inside = lease.tree().lookup("d");
      assertNotNull(node);
      assertNotNull(inside);
      assertEquals(List.of("user.a"), List.copyOf(lease.tree().attributes(node).keySet()));
      assertArrayEquals(value, lease.tree().attributes(inside).get("user.d"));
      assertArrayEquals(value, kernel.attributes(node.file()).get("user.a"));
    }
    kernel.setAttribute(file, "user.a", new byte[] {4});
    try (var lease = sync()) {
      var node = lease.tree().lookup("f");
      assertNotNull(node);
      assertEquals(1, lease.filesReceived());
      assertArrayEquals(new byte[] {4}, lease.tree().attributes(node).get("user.a"));
    }
    try (var lease = sync()) {
      assertEquals(0, lease.filesReceived());
      assertTrue(lease.tree().list(lease.tree().root()).size() == 2);
    }
  }
}
