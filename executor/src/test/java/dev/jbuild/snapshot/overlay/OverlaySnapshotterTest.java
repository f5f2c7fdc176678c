package dev.jbuild.snapshot.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.SnapshotterContract;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OverlaySnapshotterTest extends SnapshotterContract {
  private final Deque<Runnable> background = new ArrayDeque<>();

  @Override
  protected Snapshotter create(Path root) throws IOException {
    return create(root, "boot1");
  }

  private Snapshotter create(Path root, String boot) throws IOException {
    Path layers = root.resolve("layers");
    var durability = new Durability(layers.resolve(".unsynced"), boot, kernel, background::addLast);
    var directories = new LayerDirectories(layers, kernel, durability, new Random());
    var snapshotter = new OverlaySnapshotter(directories, kernel, whiteouts());
    snapshotter.open();
    return snapshotter;
  }

  @Override
  protected Whiteouts whiteouts() {
    return new OverlayWhiteouts(kernel);
  }

  @Test
  void unsyncedLayerIsNotTrustedAfterALossOfPower() throws IOException {
    var before = create(root, "boot1");
    var synced = step(before, Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "1"));
    runBackground();
    var unsynced = step(before, synced, at -> Files.writeString(at.resolve("b"), "2"));
    var after = create(root, "boot2");
    assertTrue(after.exists(synced.layers().getLast()));
    assertFalse(after.exists(unsynced.layers().getLast()));
    assertFalse(Files.exists(after.directory(unsynced.layers().getLast())));
  }

  @Test
  void unsyncedLayerOfAKilledDaemonIsSyncedByTheNext() throws IOException {
    var killed = create(root, "boot1");
    var layer = step(killed, Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "1"));
    background.clear();
    create(root, "boot1");
    runBackground();
    assertTrue(create(root, "boot2").exists(layer.layers().getFirst()));
  }

  @Test
  void sixHundredLayersCanBeMountedAndRead() throws IOException {
    var snapshotter = create(root);
    var snapshot = Snapshot.SCRATCH;
    for (int i = 0; i < 600; i++) {
      try (var active = snapshotter.prepare(snapshot)) {
        Files.writeString(active.directory().resolve("f" + i % 100), "v" + i);
        Files.createDirectory(active.directory().resolve("d"));
        Files.writeString(active.directory().resolve("d/g" + i), "");
        snapshot = with(snapshot, active.commit());
      }
    }
    var last = step(snapshotter, snapshot, at -> Files.delete(at.resolve("d/g7")));
    String text = text(snapshotter, last);
    assertEquals(700, text.lines().count());
    assertTrue(text.contains("f0 = v500"));
    assertEquals(mounted(snapshotter, last), text);
  }

  private void runBackground() {
    while (!background.isEmpty()) {
      background.removeFirst().run();
    }
  }
}
