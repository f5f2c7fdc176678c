package dev.jbuild.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.diff.BlobUnpacker;
import dev.jbuild.diff.Compression;
import dev.jbuild.diff.LayerApplier;
import dev.jbuild.diff.LayerBlob;
import dev.jbuild.diff.LayerCompressor;
import dev.jbuild.diff.LayerTar;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.MediaType;
import dev.jbuild.snapshot.overlay.OverlaySnapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Storage as a whole: layers are written, packed, registered elsewhere, brought and read. */
@Tag("root")
@Timeout(120)
final class ImageLayersTest {
  private final Kernel kernel = new LibcKernel();
  private final Whiteouts whiteouts = new OverlayWhiteouts(kernel);
  private final ExecutorService tasks = Executors.newCachedThreadPool();

  @TempDir private Path root;

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue(kernel.effectiveUserId() == 0, "whiteouts need root");
  }

  @AfterEach
  void stop() {
    tasks.shutdownNow();
  }

  /** A state directory with all that belongs to it. */
  private final class Machine implements AutoCloseable {
    private final LayoutContentStore content;
    private final OverlaySnapshotter snapshotter;
    private final MVStore database;
    private final LayerStore layers;

    Machine(Path state) throws IOException {
      Files.createDirectories(state);
      content = new LayoutContentStore(state);
      content.open();
      var durability =
          new Durability(state.resolve("layers/.unsynced"), "boot", kernel, Runnable::run);
      var directories =
          new LayerDirectories(state.resolve("layers"), kernel, durability, new Random());
      snapshotter = new OverlaySnapshotter(directories, kernel, whiteouts);
      snapshotter.open();
      database = MVStore.open(state.resolve("layers.mv").toString());
      var digests = new StoredDigests(database);
      var applier = new LayerApplier(kernel, whiteouts, UnpackLimits.DEFAULT);
      layers =
          new LayerStore(
              database,
              snapshotter,
              all -> new MergedTree(all, kernel, whiteouts, digests),
              (blob, origin) -> {},
              new BlobUnpacker(content, applier, kernel, whiteouts),
              tasks);
    }

    @Override
    public void close() {
      database.close();
    }
  }

  @Test
  void imageIsTheSameOnAnotherMachine() throws Exception {
    try (var here = new Machine(root.resolve("here"));
        var there = new Machine(root.resolve("there"))) {
      Snapshot built = build(here, 4);
      var lazy = new ArrayList<LayerCatalog.LazyLayer>();
      Compression[] forms = Compression.values();
      for (int i = 0; i < built.layers().size(); i++) {
        lazy.add(pack(here, built, i, forms[i % forms.length], there));
      }
      Snapshot pulled = there.layers.register(lazy);
      assertEquals(
          TreeText.withTimes(here.layers.tree(built)),
          TreeText.withTimes(there.layers.tree(pulled)));
    }
  }

  @Test
  void damagedBlobIsOneClearErrorAndLeavesNothing() throws Exception {
    try (var machine = new Machine(root.resolve("here"))) {
      Snapshot built = build(machine, 1);
      var packed = pack(machine, built, 0, Compression.GZIP, machine);
      Path blob = root.resolve("here/blobs/sha256/" + packed.blob().digest().hex());
      byte[] bytes = Files.readAllBytes(blob);
      Files.write(blob, Arrays.copyOf(bytes, bytes.length - 20));
      Snapshot pulled = machine.layers.register(List.of(packed));
      var e = assertThrows(BuildException.class, () -> machine.layers.require(pulled));
      assertEquals(Code.DATA_LOSS, e.code());
      assertEquals(
          "layer " + packed.blob().digest() + " of test: ",
          e.message().substring(0, e.message().indexOf("test: ") + 6));
      assertFalse(machine.snapshotter.exists(pulled.layers().getFirst()));
      try (var left = Files.list(root.resolve("here/layers"))) {
        assertEquals(0, left.filter(path -> path.toString().contains(".new-")).count());
      }
      Files.write(blob, bytes);
      machine.layers.require(pulled);
    }
  }

  @Test
  void fullDiskWhileUnpackingIsOneClearError() throws Exception {
    Path disk = Files.createDirectory(root.resolve("disk"));
    kernel.mount("tmpfs", disk, "tmpfs", 0, "size=2m");
    try (var here = new Machine(root.resolve("here"));
        var small = new Machine(disk)) {
      Snapshot built;
      try (var active = here.snapshotter.prepare(Snapshot.SCRATCH)) {
        Files.write(active.directory().resolve("zeros"), new byte[8 << 20]);
        built = new Snapshot(List.of(active.commit()));
      }
      Snapshot pulled =
          small.layers.register(List.of(pack(here, built, 0, Compression.GZIP, small)));
      var e = assertThrows(BuildException.class, () -> small.layers.require(pulled));
      assertEquals(Code.RESOURCE_EXHAUSTED, e.code());
      try (var active = small.snapshotter.prepare(Snapshot.SCRATCH)) {
        Files.write(active.directory().resolve("fits"), new byte[1000]);
        active.commit();
      }
    } finally {
      kernel.unmount(disk, Kernel.MNT_DETACH);
    }
  }

  private Snapshot build(Machine machine, int count) throws Exception {
    var random = new RandomTree(count);
    Path reference = Files.createDirectory(root.resolve("reference"));
    var snapshot = Snapshot.SCRATCH;
    for (int i = 0; i < count; i++) {
      try (var active = machine.snapshotter.prepare(snapshot)) {
        LayerEditor editor = machine.layers.tree(snapshot).edit(active.directory());
        for (RandomTree.Change change : random.mutate(reference, 40)) {
          RandomTree.apply(change, editor);
        }
        editor.finish();
        var layers = new ArrayList<>(snapshot.layers());
        layers.add(active.commit());
        snapshot = new Snapshot(layers);
      }
    }
    return snapshot;
  }

  private LayerCatalog.LazyLayer pack(
      Machine from, Snapshot snapshot, int index, Compression compression, Machine to)
      throws Exception {
    Path layer = from.snapshotter.directory(snapshot.layers().get(index));
    MergedTree lower = from.layers.tree(new Snapshot(snapshot.layers().subList(0, index)));
    LayerBlob blob =
        new LayerCompressor(to.content, tasks, 2)
            .store(
                out -> new LayerTar(kernel, whiteouts).write(layer, lower, Long.MAX_VALUE, out),
                compression,
                LayerCompressor.DEFAULT_LEVEL);
    var descriptor = new Descriptor(MediaType.OCI_LAYER_GZIP, blob.digest(), blob.sizeBytes());
    return new LayerCatalog.LazyLayer(blob.diffId(), descriptor, "test");
  }
}
