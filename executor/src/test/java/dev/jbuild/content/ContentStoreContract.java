package dev.jbuild.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link ContentStore} does. */
abstract class ContentStoreContract {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  abstract ContentStore create(Path root) throws IOException;

  @Test
  void committedBlobCanBeRead(@TempDir Path root) throws IOException {
    var store = create(root);
    Digest digest = ingest(store, HELLO);
    assertEquals(Digest.of(HELLO), digest);
    assertEquals(OptionalLong.of(5), store.size(digest));
    try (var in = Channels.newInputStream(store.open(digest))) {
      assertArrayEquals(HELLO, in.readAllBytes());
    }
  }

  @Test
  void blobIsNotThereBeforeItsCommit(@TempDir Path root) throws IOException {
    var store = create(root);
    try (var ingest = store.ingest()) {
      ingest.write(HELLO, 0, HELLO.length);
      assertEquals(5, ingest.written());
      assertEquals(OptionalLong.empty(), store.size(Digest.of(HELLO)));
    }
    assertEquals(OptionalLong.empty(), store.size(Digest.of(HELLO)));
  }

  @Test
  void blobWithAnotherDigestIsRefused(@TempDir Path root) throws IOException {
    var store = create(root);
    Digest wanted = Digest.of(new byte[0]);
    try (var ingest = store.ingest()) {
      ingest.write(HELLO, 0, HELLO.length);
      var e = assertThrows(BuildException.class, () -> ingest.commit(wanted));
      assertEquals(Code.DATA_LOSS, e.code());
      assertEquals(
          "blob " + wanted + ": the 5 bytes received have the digest " + Digest.of(HELLO),
          e.message());
    }
    assertEquals(OptionalLong.empty(), store.size(wanted));
    assertEquals(OptionalLong.empty(), store.size(Digest.of(HELLO)));
  }

  @Test
  void sameBlobMayBeIngestedTwice(@TempDir Path root) throws IOException {
    var store = create(root);
    try (var first = store.ingest();
        var second = store.ingest()) {
      first.write(HELLO, 0, 5);
      second.write(HELLO, 0, 5);
      assertEquals(first.commit(), second.commit());
    }
    assertEquals(OptionalLong.of(5), store.size(Digest.of(HELLO)));
  }

  @Test
  void deletedBlobIsGone(@TempDir Path root) throws IOException {
    var store = create(root);
    Digest digest = ingest(store, HELLO);
    store.delete(digest);
    store.delete(digest);
    assertEquals(OptionalLong.empty(), store.size(digest));
    assertThrows(NoSuchFileException.class, () -> store.open(digest));
  }

  @Test
  void emptyBlobIsABlob(@TempDir Path root) throws IOException {
    var store = create(root);
    assertEquals(OptionalLong.of(0), store.size(ingest(store, new byte[0])));
  }

  static Digest ingest(ContentStore store, byte[] bytes) throws IOException {
    try (var ingest = store.ingest()) {
      ingest.write(bytes, 0, bytes.length);
      return ingest.commit();
    }
  }
}
