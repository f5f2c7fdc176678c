package dev.jbuild.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.snapshot.overlay.OverlaySnapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Layers here are one file each; a fake unpacks the blob {@code x} into the file {@code x}. */
@Timeout(60)
final class LayerStoreTest {
  private final Kernel kernel = new LibcKernel();
  private final ExecutorService tasks = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<String> fetched = new ConcurrentLinkedQueue<>();
  private final Path root;
  private LayerFetcher fetcher = (blob, origin) -> fetched.add(origin);
  private MVStore database;
  private Snapshotter snapshotter;
  private LayerStore store;

  LayerStoreTest(@TempDir Path root) throws IOException {
    this.root = root;
    open();
  }

  @AfterEach
  void close() {
    database.closeImmediately();
    tasks.shutdownNow();
  }

  private void open() throws IOException {
    database = MVStore.open(root.resolve("layers.mv").toString());
    Path layers = root.resolve("layers");
    var durability = new Durability(layers.resolve(".unsynced"), "boot", kernel, task -> {});
    var directories = new LayerDirectories(layers, kernel, durability, new Random());
    var overlay = new OverlaySnapshotter(directories, kernel, new OverlayWhiteouts(kernel));
    overlay.open();
    snapshotter = overlay;
    store =
        new LayerStore(
            database,
            snapshotter,
            all ->
                new MergedTree(all, kernel, new OverlayWhiteouts(kernel), FileDigests.uncached()),
            (blob, origin) -> fetcher.fetch(blob, origin),
            new FakeUnpacker(),
            tasks);
  }

  /** As after kill -9: nothing is closed in order. */
  private void restart() throws IOException {
    database.closeImmediately();
    open();
  }

  @Test
  void sameLayersGiveTheSameSnapshot() {
    var ab = store.register(List.of(layer("a"), layer("b")));
    assertEquals(ab, store.register(List.of(layer("a"), layer("b"))));
    var ac = store.register(List.of(layer("a"), layer("c")));
    assertEquals(ab.layers().getFirst(), ac.layers().getFirst());
    assertNotEquals(ab.layers().getLast(), ac.layers().getLast());
  }

  @Test
  void layersAreBroughtWhenTheyAreRequired() throws Exception {
    var snapshot = store.register(List.of(layer("a"), layer("b")));
    assertFalse(snapshotter.exists(snapshot.layers().getFirst()));
    assertEquals("-0644 0:0 a = a\n-0644 0:0 b = b", TreeText.of(store.tree(snapshot)));
    store.require(snapshot);
    assertEquals(2, fetched.size());
  }

  @Test
  void layersAreFittedOnThoseBelow() throws Exception {
    var snapshot = store.register(List.of(layer("a"), layer("b"), layer("c")));
    store.require(snapshot);
    assertEquals(
        "a b", Files.readString(root.resolve("fit-c")), "what the layer c saw below itself");
  }

  @Test
  void layersArriveSideBySide() throws Exception {
    var both = new CyclicBarrier(2);
    fetcher =
        (blob, origin) -> {
          try {
            both.await(30, TimeUnit.SECONDS);
          } catch (BrokenBarrierException | TimeoutException e) {
            throw new IOException("alone", e);
          }
        };
    store.require(store.register(List.of(layer("a"), layer("b"))));
  }

  @Test
  void layerIsBroughtOnceForAllWhoAsk() throws Exception {
    var go = new CountDownLatch(1);
    fetcher =
        (blob, origin) -> {
          fetched.add(origin);
          go.await();
        };
    var snapshot = store.register(List.of(layer("a")));
    var waiters = new ArrayList<CompletableFuture<Void>>();
    for (int i = 0; i < 4; i++) {
      waiters.add(CompletableFuture.runAsync(() -> requireUnchecked(snapshot), tasks));
    }
    go.countDown();
    for (CompletableFuture<Void> waiter : waiters) {
      waiter.get();
    }
    assertEquals(1, fetched.size());
  }

  @Test
  void arrivalIsCancelledWhenNoOneWaits() throws Exception {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    fetcher =
        (blob, origin) -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
          }
        };
    var snapshot = store.register(List.of(layer("a")));
    var waiter = tasks.submit(() -> requireUnchecked(snapshot));
    started.await();
    waiter.cancel(true);
    assertTrue(interrupted.await(30, TimeUnit.SECONDS));
    fetcher = (blob, origin) -> fetched.add(origin);
    store.require(snapshot);
    assertEquals(1, fetched.size());
  }

  @Test
  void failureToFetchIsToldAndCanBeTriedAgain() throws Exception {
    fetcher =
        (blob, origin) -> {
          throw new BuildException(Code.UNAVAILABLE, "registry is down");
        };
    var snapshot = store.register(List.of(layer("a"), layer("b")));
    var e = assertThrows(BuildException.class, () -> store.require(snapshot));
    assertEquals("registry is down", e.message());
    fetcher = (blob, origin) -> {};
    store.require(snapshot);
  }

  @Test
  void lyingDiffIdIsRefused() {
    var blob = new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.of(new byte[] {'a'}), 1);
    Digest wrong = Digest.of(new byte[] {'x'});
    var snapshot = store.register(List.of(new LayerCatalog.LazyLayer(wrong, blob, "origin-a")));
    unpackedAs.put(blob.digest(), "a");
    var e = assertThrows(BuildException.class, () -> store.require(snapshot));
    assertEquals(Code.DATA_LOSS, e.code());
    assertEquals(
        "layer "
            + blob.digest()
            + " of origin-a: unpacked it has the digest "
            + diffId("a")
            + ", the image's config says "
            + wrong,
        e.message());
    assertFalse(snapshotter.exists(snapshot.layers().getFirst()));
  }

  @Test
  void layerThatWasMadeHereAndIsGoneIsAClearError() throws Exception {
    var snapshot = make("a");
    snapshotter.remove(snapshot.layers().getFirst());
    var e = assertThrows(BuildException.class, () -> store.require(snapshot));
    assertEquals(
        "layer "
            + snapshot.layers().getFirst()
            + " is gone from this machine; build again with --no-cache",
        e.message());
  }

  @Test
  void factsSurviveAKill() throws Exception {
    var snapshot = make("a");
    LayerId layer = snapshot.layers().getFirst();
    var blob = new Descriptor(MediaType.OCI_LAYER_ZSTD, Digest.of(new byte[] {1}), 7);
    store.created(layer, Instant.ofEpochSecond(5, 6));
    store.remember(layer, diffId("a"), blob);
    restart();
    assertEquals(
        Optional.of(
            new LayerCatalog.Facts(
                diffId("a"), null, "", List.of(blob), Instant.ofEpochSecond(5, 6))),
        store.facts(layer));
  }

  @Test
  void oneFormOfEachTypeIsRemembered() {
    var snapshot = store.register(List.of(layer("a")));
    LayerId layer = snapshot.layers().getFirst();
    var first = new Descriptor(MediaType.OCI_LAYER_ZSTD, Digest.of(new byte[] {1}), 7);
    var second = new Descriptor(MediaType.OCI_LAYER_ZSTD, Digest.of(new byte[] {2}), 8);
    store.remember(layer, diffId("a"), first);
    store.remember(layer, diffId("a"), second);
    store.remember(layer, diffId("a"), layer("a").blob());
    assertEquals(List.of(second), store.facts(layer).orElseThrow().made());
    assertEquals(layer("a").blob(), store.facts(layer).orElseThrow().pulled());
  }

  @Test
  void newOriginOfALayerThatIsNotHereCounts() {
    var snapshot = store.register(List.of(layer("a")));
    var moved = new LayerCatalog.LazyLayer(diffId("a"), layer("a").blob(), "elsewhere");
    assertEquals(snapshot, store.register(List.of(moved)));
    assertEquals("elsewhere", store.facts(snapshot.layers().getFirst()).orElseThrow().origin());
  }

  @Test
  void snapshotIsFoundByItsIdAfterAKill() throws Exception {
    var snapshot = store.register(List.of(layer("a"), layer("b")));
    String id = store.id(snapshot);
    restart();
    assertEquals(Optional.of(snapshot), store.load(id));
    assertEquals(id, store.id(snapshot));
    assertEquals(Optional.of(Snapshot.SCRATCH), store.load(store.id(Snapshot.SCRATCH)));
  }

  @Test
  void snapshotWhoseLayerIsGoneIsNotFound() throws Exception {
    var one = make("a");
    String id = store.id(one);
    assertEquals(Optional.of(one), store.load(id));
    store.remove(one.layers().getFirst());
    assertEquals(Optional.empty(), store.load(id));
    assertEquals(Optional.empty(), store.load("snap-unknown"));
    assertEquals(Optional.empty(), store.load("no id at all"));
  }

  @Test
  void idsOfLongChainsAreShortAndTheirRecordsToo() throws Exception {
    var layers = new ArrayList<LayerId>();
    for (int i = 0; i < 2000; i++) {
      layers.add(store.register(List.of(layer("x" + i))).layers().getFirst());
      store.id(new Snapshot(layers));
    }
    String id = store.id(new Snapshot(layers));
    assertEquals(45, id.length());
    int longest =
        database.<String, String>openMap("snapshots").values().stream()
            .mapToInt(String::length)
            .max()
            .orElseThrow();
    assertEquals(45 + 1 + 64, longest);
    restart();
    assertEquals(2000, store.load(id).orElseThrow().layers().size());
  }

  private final Map<Digest, String> unpackedAs = new ConcurrentHashMap<>();

  private LayerCatalog.LazyLayer layer(String name) {
    Bytes content = Bytes.utf8("blob " + name);
    unpackedAs.put(content.digest(), name);
    return new LayerCatalog.LazyLayer(
        diffId(name), Descriptor.of(MediaType.OCI_LAYER_GZIP, content), "origin-" + name);
  }

  private static Digest diffId(String name) {
    return Bytes.utf8("tar " + name).digest();
  }

  private Snapshot make(String name) throws IOException {
    try (var active = snapshotter.prepare(Snapshot.SCRATCH)) {
      Files.writeString(active.directory().resolve(name), name);
      return new Snapshot(List.of(active.commit()));
    }
  }

  private void requireUnchecked(Snapshot snapshot) {
    try {
      store.require(snapshot);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Knows the names by the blobs. */
  private final class FakeUnpacker implements LayerUnpacker {
    @Override
    public Unpacked unpack(Descriptor blob, Path directory) throws IOException {
      String name = unpackedAs.get(blob.digest());
      if (name == null) {
        throw new IOException("no such blob");
      }
      Files.writeString(directory.resolve(name), name);
      return new Unpacked() {
        @Override
        public Digest diffId() {
          return LayerStoreTest.diffId(name);
        }

        @Override
        public void fit(MergedTree lower) throws IOException {
          var seen = new ArrayList<String>();
          for (FileNode node : lower.list(lower.root())) {
            seen.add(node.name());
          }
          Files.writeString(root.resolve("fit-" + name), String.join(" ", seen));
        }
      };
    }
  }
}
