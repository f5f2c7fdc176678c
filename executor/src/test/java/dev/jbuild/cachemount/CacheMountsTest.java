package dev.jbuild.cachemount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cachemount.CacheMounts.Lease;
import dev.jbuild.llb.MountSpec.Sharing;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheMountsTest {
  private static final CacheKey KEY = new CacheKey("id", null);

  @TempDir private Path root;
  private final MVStore store = MVStore.open(null);
  private Instant now = Instant.ofEpochSecond(100);
  private CacheMounts caches = new CacheMounts(Path.of("."), store, () -> now, Runnable::run);

  @BeforeEach
  void open() throws IOException {
    caches = restarted();
  }

  private CacheMounts restarted() throws IOException {
    var made = new CacheMounts(root.resolve("caches"), store, () -> now, Runnable::run);
    made.open();
    return made;
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Lease acquire(CacheKey key, Sharing sharing) throws Exception {
    return caches.acquire(key, sharing, Files::createDirectory, () -> {});
  }

  private Path use(CacheKey key, Sharing sharing) throws Exception {
    try (Lease lease = acquire(key, sharing)) {
      return lease.directory();
    }
  }

  @Test
  void theSameKeyGivesTheSameDirectory() throws Exception {
    Path first = use(KEY, Sharing.SHARED);
    Files.writeString(first.resolve("file"), "kept");
    assertEquals(first, use(KEY, Sharing.PRIVATE));
    assertEquals("kept", Files.readString(first.resolve("file")));
  }

  @Test
  void aRestartKeepsDirectories() throws Exception {
    Path first = use(KEY, Sharing.SHARED);
    Files.writeString(first.resolve("file"), "kept");
    caches = restarted();
    assertEquals(first, use(KEY, Sharing.SHARED));
    assertTrue(Files.exists(first.resolve("file")));
  }

  @Test
  void anotherIdOrAnotherBeginningGivesAnotherDirectory() throws Exception {
    var begun = new CacheKey("id", Digest.of(new byte[] {1}));
    Path plain = use(KEY, Sharing.SHARED);
    assertNotEquals(plain, use(begun, Sharing.SHARED));
    assertNotEquals(plain, use(new CacheKey("other", null), Sharing.SHARED));
  }

  @Test
  void namesHaveOneLengthWhateverTheIdIs() throws Exception {
    Path first = use(KEY, Sharing.SHARED);
    Path other = use(new CacheKey("../" + "x".repeat(100_000), null), Sharing.SHARED);
    assertEquals(first.toString().length(), other.toString().length());
    assertEquals(root.resolve("caches"), other.getParent());
  }

  @Test
  void sharedIsGivenTwice() throws Exception {
    try (Lease one = acquire(KEY, Sharing.SHARED);
        Lease two = acquire(KEY, Sharing.SHARED)) {
      assertEquals(one.directory(), two.directory());
    }
  }

  @Test
  void privateInUseGivesAFreshOneAndTheFirstAgainLater() throws Exception {
    Path first;
    try (Lease one = acquire(KEY, Sharing.PRIVATE);
        Lease two = acquire(KEY, Sharing.PRIVATE)) {
      first = one.directory();
      assertNotEquals(first, two.directory());
    }
    assertEquals(first, use(KEY, Sharing.PRIVATE));
  }

  @Test
  void lockedWaitsUntilTheOtherHasEnded() throws Exception {
    var order = new ArrayList<String>();
    var waits = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Lease one = acquire(KEY, Sharing.LOCKED);
      Future<Path> second =
          threads.submit(
              () -> {
                try (Lease two =
                    caches.acquire(KEY, Sharing.LOCKED, Files::createDirectory, waits::countDown)) {
                  order.add("second");
                  return two.directory();
                }
              });
      waits.await();
      order.add("first ends");
      Path directory = one.directory();
      one.close();
      assertEquals(directory, second.get());
    }
    assertEquals(List.of("first ends", "second"), order);
  }

  @Test
  void aWaitForALockEndsWhenItsBuildIsCancelled() throws Exception {
    var waits = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        Lease one = acquire(KEY, Sharing.SHARED)) {
      Future<Lease> second =
          threads.submit(
              () -> caches.acquire(KEY, Sharing.LOCKED, Files::createDirectory, waits::countDown));
      waits.await();
      threads.shutdownNow();
      var failure = assertThrows(ExecutionException.class, second::get);
      assertTrue(failure.getCause() instanceof InterruptedException, failure.toString());
      assertTrue(Files.isDirectory(one.directory()));
    }
    assertTrue(Files.isDirectory(use(KEY, Sharing.LOCKED)));
  }

  @Test
  void aFillingThatFailsLeavesNothing() throws Exception {
    assertThrows(
        IOException.class,
        () ->
            caches.acquire(
                KEY,
                Sharing.LOCKED,
                directory -> {
                  Files.createDirectory(directory);
                  throw new IOException("no");
                },
                () -> {}));
    assertEquals(List.of(), List.copyOf(caches.all().keySet()));
    caches = restarted();
    try (var left = Files.list(root.resolve("caches"))) {
      assertEquals(List.of(), left.toList());
    }
    assertTrue(Files.isDirectory(use(KEY, Sharing.LOCKED)));
  }

  @Test
  void aForgottenIdBeginsAnew() throws Exception {
    Files.writeString(use(KEY, Sharing.SHARED).resolve("file"), "old");
    caches.forget("id");
    assertFalse(Files.exists(use(KEY, Sharing.SHARED).resolve("file")));
  }

  @Test
  void aForgottenDirectoryInUseGoesWhenItIsGivenBack() throws Exception {
    try (Lease used = acquire(KEY, Sharing.SHARED)) {
      Files.writeString(used.directory().resolve("file"), "old");
      caches.forget("id");
      assertTrue(Files.exists(used.directory().resolve("file")));
      try (Lease anew = acquire(KEY, Sharing.SHARED)) {
        assertNotEquals(used.directory(), anew.directory());
      }
    }
    assertFalse(Files.exists(use(KEY, Sharing.SHARED).resolve("file")));
  }

  @Test
  void recordsTellLastUseAndSize() throws Exception {
    String name = String.valueOf(use(KEY, Sharing.SHARED).getFileName());
    now = Instant.ofEpochSecond(200);
    Files.write(use(KEY, Sharing.SHARED).resolve("file"), new byte[5000]);
    assertEquals(
        new CacheRecord("id", Instant.ofEpochSecond(100), now, 2, OptionalLong.empty()),
        caches.all().get(name));
    assertEquals(3 * 4096, caches.sizeBytes(name));
    assertEquals(
        new CacheRecord("id", Instant.ofEpochSecond(100), now, 2, OptionalLong.of(3 * 4096)),
        restarted().all().get(name));
  }

  @Test
  void onlyWhatNobodyUsesIsRemoved() throws Exception {
    String name;
    try (Lease used = acquire(KEY, Sharing.SHARED)) {
      name = String.valueOf(used.directory().getFileName());
      assertFalse(caches.remove(name));
    }
    assertTrue(caches.remove(name));
    assertFalse(caches.remove(name));
    assertFalse(Files.exists(root.resolve("caches").resolve(name)));
  }
}
