package dev.jbuild.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayoutContentStoreTest extends ContentStoreContract {
  @Override
  ContentStore create(Path root) throws IOException {
    var store = new LayoutContentStore(root);
    store.open();
    return store;
  }

  @Test
  void directoryIsAnOciLayout(@TempDir Path root) throws IOException {
    Digest digest = ingest(create(root), new byte[] {1, 2});
    assertEquals(
        "{\"imageLayoutVersion\":\"1.0.0\"}", Files.readString(root.resolve("oci-layout")));
    assertTrue(Files.exists(root.resolve("blobs/sha256").resolve(digest.hex())));
  }

  @Test
  void halfWrittenBlobOfAKilledProcessIsRemoved(@TempDir Path root) throws IOException {
    var killed = create(root).ingest();
    killed.write(new byte[10], 0, 10);
    Path other = Files.createFile(root.resolve("tmp/not-a-blob"));
    create(root);
    try (var left = Files.list(root.resolve("tmp"))) {
      assertEquals(List.of(other), left.toList());
    }
  }

  @Test
  @Tag("root")
  void fullDiskIsOneClearErrorAndLeavesTheStoreUsable(@TempDir Path root) throws IOException {
    var kernel = new LibcKernel();
    Assumptions.assumeTrue(kernel.effectiveUserId() == 0, "mounting a small disk needs root");
    kernel.mount("tmpfs", root, "tmpfs", 0, "size=1m");
    try {
      var store = create(root);
      try (var ingest = store.ingest()) {
        var e =
            assertThrows(BuildException.class, () -> ingest.write(new byte[2 << 20], 0, 2 << 20));
        assertEquals(Code.RESOURCE_EXHAUSTED, e.code());
        assertEquals(
            root
                + "/tmp/blob-1: no space left on device, 0 MiB free;"
                + " remove what is not needed or choose another directory with --root",
            e.message());
      }
      assertFalse(Files.exists(root.resolve("tmp/blob-1")));
      assertEquals(Digest.of(new byte[9]), ingest(store, new byte[9]));
    } finally {
      kernel.unmount(root, 0);
    }
  }
}
