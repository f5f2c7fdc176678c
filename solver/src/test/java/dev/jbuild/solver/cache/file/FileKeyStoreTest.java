package dev.jbuild.solver.cache.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.solver.cache.Alias;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.CacheKeyStoreContract;
import dev.jbuild.solver.cache.CacheRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileKeyStoreTest extends CacheKeyStoreContract {

  @Override
  protected CacheKeyStore create(Path directory) throws IOException {
    return FileKeyStore.open(directory.resolve("cache.mv"));
  }

  @Override
  protected void close(CacheKeyStore used) {
    ((FileKeyStore) used).close();
  }

  private static void fill(Path file, int count) throws IOException {
    try (var store = FileKeyStore.open(file)) {
      for (int begin = 0; begin < count; begin += 100) {
        var records = new ArrayList<CacheRecord>();
        var aliases = new ArrayList<Alias>();
        for (int i = begin; i < Math.min(begin + 100, count); i++) {
          records.add(record("r" + i));
          aliases.add(new Alias(id("x" + i), id("r" + i)));
        }
        store.record(records, aliases);
      }
    }
  }

  /** How many records a store has; each is what was recorded, or the test fails. */
  private static int intact(CacheKeyStore store, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      Optional<CacheRecord> record = store.lookup(id("x" + i));
      if (record.isPresent()) {
        assertEquals(record("r" + i), record.get());
        found++;
      }
    }
    return found;
  }

  @Test
  void closedStoreHasEverythingWhenOpenedAgain(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    fill(file, 500);

    try (var store = FileKeyStore.open(file)) {
      assertEquals(500, intact(store, 500));
    }
  }

  @Test
  void directoryIsMade(@TempDir Path directory) throws IOException {
    fill(directory.resolve("a/b/cache.mv"), 1);

    assertTrue(Files.exists(directory.resolve("a/b/cache.mv")));
  }

  @Test
  void fileInUseIsRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    try (var store = FileKeyStore.open(file)) {
      store.record(List.of(record("a")), List.of());
      var failure = assertThrows(IOException.class, () -> FileKeyStore.open(file));
      assertEquals(
          file + ": is in use by another process: a jbuildd with the same state directory?",
          failure.getMessage());
      assertEquals(Optional.of(record("a")), store.lookup(id("a")));
    }
  }

  @Test
  void fileOfSomethingElseIsMovedAside(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    Files.writeString(file, "this is not a store\n".repeat(1000));

    fill(file, 1);

    assertTrue(Files.exists(directory.resolve("cache.mv.damaged")));
  }

  @Test
  void emptyFileIsAnEmptyStore(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    Files.createFile(file);

    fill(file, 1);

    assertFalse(Files.exists(directory.resolve("cache.mv.damaged")));
  }

  @Test
  void halfAFileIsUsedOrMovedAsideButNeverLies(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    fill(file, 300);
    byte[] whole = Files.readAllBytes(file);
    for (int part = 0; part < 20; part++) {
      Files.write(file, Arrays.copyOf(whole, whole.length / 20 * part + part));
      try (var store = FileKeyStore.open(file)) {
        assertTrue(intact(store, 300) <= 300);
        store.record(List.of(record("new")), List.of());
        assertEquals(Optional.of(record("new")), store.lookup(id("new")));
      }
    }
  }

  @Test
  void flippedBytesNeverMakeTheStoreLie(@TempDir Path directory) throws IOException {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Path file = directory.resolve("cache.mv");
    fill(file, 300);
    byte[] whole = Files.readAllBytes(file);
    for (int round = 0; round < 40; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i <= round; i++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      try (var store = FileKeyStore.open(file)) {
        assertTrue(intact(store, 300) <= 300, "seed " + seed);
        store.record(List.of(record("new")), List.of());
        assertEquals(Optional.of(record("new")), store.lookup(id("new")), "seed " + seed);
      }
    }
  }

  @Test
  void damageWhileInUseEmptiesTheStoreAndItGoesOn(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cache.mv");
    fill(file, 3_000);
    try (var store = FileKeyStore.open(file)) {
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate((int) channel.size() - 8192), 8192);
      }
      assertTrue(intact(store, 3_000) < 3_000);
      store.record(List.of(record("new")), List.of());
      assertEquals(Optional.of(record("new")), store.lookup(id("new")));
    }

    assertTrue(Files.exists(directory.resolve("cache.mv.damaged")));
  }

  @Test
  void useAfterClosingFindsNothing(@TempDir Path directory) throws IOException {
    var store = FileKeyStore.open(directory.resolve("cache.mv"));
    store.record(List.of(record("a")), List.of());
    store.close();
    store.record(List.of(record("b")), List.of());

    assertEquals(Optional.empty(), store.lookup(id("a")));
  }
}
