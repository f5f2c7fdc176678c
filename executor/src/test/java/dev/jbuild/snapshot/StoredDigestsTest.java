package dev.jbuild.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoredDigestsTest {
  private static final LayerId A = new LayerId("a");
  private static final LayerId AB = new LayerId("ab");

  @TempDir private Path root;

  @Test
  void fileIsHashedOnceAndForgottenWithItsLayer() throws IOException {
    Path file = root.resolve("f");
    try (var store = MVStore.open(root.resolve("store").toString())) {
      var digests = new StoredDigests(store);
      Files.writeString(file, "1");
      assertEquals(Bytes.utf8("1").digest(), digests.digest(A, "f", file));
      assertEquals(Bytes.utf8("1").digest(), digests.digest(AB, "f", file));
      Files.writeString(file, "2"); // no real layer does this: it shows that nothing is read
      assertEquals(Bytes.utf8("1").digest(), digests.digest(A, "f", file));
      digests.forget(A);
      assertEquals(Bytes.utf8("2").digest(), digests.digest(A, "f", file));
      assertEquals(Bytes.utf8("1").digest(), digests.digest(AB, "f", file));
    }
  }

  @Test
  void digestsSurviveTheProcess() throws IOException {
    Path file = Files.writeString(root.resolve("f"), "1");
    for (String content : new String[] {"1", "2"}) {
      Files.writeString(file, content);
      try (var store = MVStore.open(root.resolve("store").toString())) {
        assertEquals(Bytes.utf8("1").digest(), new StoredDigests(store).digest(A, "f", file));
      }
    }
  }
}
