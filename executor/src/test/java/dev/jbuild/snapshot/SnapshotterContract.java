package dev.jbuild.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.mount.Mount;
import dev.jbuild.mount.Mounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Snapshotter} does. Mounts, so it needs root. */
@Tag("root")
public abstract class SnapshotterContract {
  private static final long CAP_SYS_ADMIN = 1L << 21;

  protected final Kernel kernel = new LibcKernel();
  private final Mounter mounter = new Mounter(kernel);

  @TempDir protected Path root;

  /** An opened snapshotter; several may be made one after the other over the same root. */
  protected abstract Snapshotter create(Path root) throws IOException;

  protected abstract Whiteouts whiteouts();

  @BeforeEach
  void needsRoot() throws IOException {
    Assumptions.assumeTrue(
        (kernel.effectiveCapabilities() & CAP_SYS_ADMIN) != 0, "mounting needs CAP_SYS_ADMIN");
  }

  @Test
  void committedLayerShowsWhatWasWrittenInTheMount() throws IOException {
    var snapshotter = create(root);
    var first = step(snapshotter, Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "1"));
    var second = step(snapshotter, first, at -> Files.writeString(at.resolve("b"), "2"));
    assertEquals("-0644 0:0 a = 1\n-0644 0:0 b = 2", text(snapshotter, second));
    assertEquals("-0644 0:0 a = 1", text(snapshotter, first));
  }

  @Test
  void layerHoldsOnlyDifferences() throws IOException {
    var snapshotter = create(root);
    var first = step(snapshotter, Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "1"));
    var second = step(snapshotter, first, at -> Files.writeString(at.resolve("b"), "2"));
    assertEquals(
        "-0644 0:0 b = 2",
        TreeText.of(TreeText.plain(snapshotter.directory(second.layers().getLast()))));
  }

  @Test
  void removedAndReplacedThingsStayHidden() throws IOException {
    var snapshotter = create(root);
    var first =
        step(
            snapshotter,
            Snapshot.SCRATCH,
            at -> {
              Files.createDirectories(at.resolve("dir/sub"));
              Files.writeString(at.resolve("dir/sub/f"), "1");
              Files.writeString(at.resolve("gone"), "1");
            });
    var second =
        step(
            snapshotter,
            first,
            at -> {
              Files.delete(at.resolve("gone"));
              TreeDeletion.delete(at.resolve("dir"));
              Files.createDirectory(at.resolve("dir"));
              Files.writeString(at.resolve("dir/new"), "2");
            });
    assertEquals("d0755 0:0 dir\n-0644 0:0 dir/new = 2", text(snapshotter, second));
    assertEquals(mounted(snapshotter, second), text(snapshotter, second));
  }

  @Test
  void layerWrittenDirectlyIsSeenInMounts() throws IOException {
    var snapshotter = create(root);
    LayerId layer;
    try (var active = snapshotter.prepare(Snapshot.SCRATCH)) {
      Files.writeString(active.directory().resolve("direct"), "1");
      layer = active.commit();
    }
    assertEquals("-0644 0:0 direct = 1", mounted(snapshotter, new Snapshot(List.of(layer))));
  }

  @Test
  void droppedLayerLeavesNothing() throws IOException {
    var snapshotter = create(root);
    Path made;
    try (var active = snapshotter.prepare(Snapshot.SCRATCH)) {
      made = active.directory();
      Files.writeString(made.resolve("a"), "1");
    }
    assertFalse(Files.exists(made));
  }

  @Test
  void scratchViewIsEmpty() throws IOException {
    assertEquals("", mounted(create(root), Snapshot.SCRATCH));
  }

  @Test
  void rootOfALayerKeepsTheParentsMode() throws IOException {
    var snapshotter = create(root);
    var first = step(snapshotter, Snapshot.SCRATCH, at -> kernel.changeMode(at, 01777));
    try (var active = snapshotter.prepare(first)) {
      assertEquals(01777, kernel.stat(active.directory()).permissions());
    }
  }

  @Test
  void sameContentIdIsKeptOnce() throws IOException {
    var snapshotter = create(root);
    var id = new LayerId("0".repeat(64));
    for (String content : List.of("first", "second")) {
      try (var active = snapshotter.prepare(Snapshot.SCRATCH)) {
        Files.writeString(active.directory().resolve("a"), content);
        active.commit(id);
      }
    }
    assertEquals("-0644 0:0 a = first", text(snapshotter, new Snapshot(List.of(id))));
  }

  @Test
  void removedLayerIsGone() throws IOException {
    var snapshotter = create(root);
    var only = step(snapshotter, Snapshot.SCRATCH, at -> {});
    LayerId layer = only.layers().getFirst();
    assertTrue(snapshotter.exists(layer));
    snapshotter.remove(layer);
    assertFalse(snapshotter.exists(layer));
    assertFalse(Files.exists(snapshotter.directory(layer)));
  }

  @Test
  void restartKeepsCommittedLayersAndDropsTheOthers() throws IOException {
    var killed = create(root);
    var kept = step(killed, Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "1"));
    var unfinished = killed.prepare(kept);
    Files.writeString(unfinished.directory().resolve("b"), "2");
    var restarted = create(root);
    assertTrue(restarted.exists(kept.layers().getFirst()));
    assertEquals("-0644 0:0 a = 1", text(restarted, kept));
    assertFalse(Files.exists(unfinished.directory()));
  }

  @Test
  void randomLayersLookAsTheReferenceDoes() throws IOException {
    for (long seed = 1; seed <= 12; seed++) {
      randomLayersLookAsTheReferenceDoes(seed);
    }
  }

  private void randomLayersLookAsTheReferenceDoes(long seed) throws IOException {
    var snapshotter = create(root.resolve("seed" + seed));
    Path reference = Files.createDirectory(root.resolve("reference" + seed));
    var random = new RandomTree(seed);
    var choose = new Random(seed);
    var snapshot = Snapshot.SCRATCH;
    for (int layer = 0; layer < 6; layer++) {
      List<RandomTree.Change> changes = random.mutate(reference, 25);
      snapshot =
          choose.nextBoolean()
              ? step(snapshotter, snapshot, at -> applyAll(changes, at))
              : edit(snapshotter, snapshot, changes);
      String expected = TreeText.of(TreeText.plain(reference));
      assertEquals(expected, text(snapshotter, snapshot), "merged, seed " + seed);
      assertEquals(expected, mounted(snapshotter, snapshot), "mounted, seed " + seed);
    }
  }

  private static void applyAll(List<RandomTree.Change> changes, Path at) throws IOException {
    for (RandomTree.Change change : changes) {
      RandomTree.apply(change, at);
    }
  }

  private Snapshot edit(Snapshotter snapshotter, Snapshot parent, List<RandomTree.Change> changes)
      throws IOException {
    try (var active = snapshotter.prepare(parent)) {
      var editor =
          new LayerEditor(active.directory(), tree(snapshotter, parent), kernel, whiteouts());
      for (RandomTree.Change change : changes) {
        RandomTree.apply(change, editor);
      }
      editor.finish();
      return with(parent, active.commit());
    }
  }

  /** What a step does to its root. */
  protected interface Writes {
    void to(Path at) throws IOException;
  }

  /** Mounts, lets write, unmounts, commits. */
  protected final Snapshot step(Snapshotter snapshotter, Snapshot parent, Writes writes)
      throws IOException {
    try (var active = snapshotter.prepare(parent)) {
      inMount(active.mounts(), writes);
      return with(parent, active.commit());
    }
  }

  protected static Snapshot with(Snapshot parent, LayerId layer) {
    var layers = new ArrayList<>(parent.layers());
    layers.add(layer);
    return new Snapshot(layers);
  }

  protected final String text(Snapshotter snapshotter, Snapshot snapshot) throws IOException {
    return TreeText.of(tree(snapshotter, snapshot));
  }

  protected final MergedTree tree(Snapshotter snapshotter, Snapshot snapshot) {
    var layers = new ArrayList<MergedTree.Layer>();
    for (LayerId layer : snapshot.layers()) {
      layers.add(new MergedTree.Layer(layer, snapshotter.directory(layer)));
    }
    return new MergedTree(layers, kernel, whiteouts(), FileDigests.uncached());
  }

  protected final String mounted(Snapshotter snapshotter, Snapshot snapshot) throws IOException {
    var text = new ArrayList<String>();
    try (var view = snapshotter.view(snapshot)) {
      inMount(view.mounts(), at -> text.add(TreeText.of(TreeText.plain(at))));
    }
    return text.getFirst();
  }

  private void inMount(List<Mount> mounts, Writes writes) throws IOException {
    Path target = Files.createTempDirectory(root, "mount");
    mounter.mount(mounts, target);
    try {
      writes.to(target);
    } finally {
      mounter.unmount(target);
      Files.delete(target);
    }
  }
}
