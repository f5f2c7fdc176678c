package dev.jbuild.snapshot.copy;

import dev.jbuild.snapshot.AttributeWhiteouts;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.SnapshotterContract;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

final class CopySnapshotterTest extends SnapshotterContract {
  @Override
  protected Snapshotter create(Path root) throws IOException {
    Path layers = root.resolve("layers");
    var durability = new Durability(layers.resolve(".unsynced"), "boot1", kernel, task -> {});
    var directories = new LayerDirectories(layers, kernel, durability, new Random());
    var snapshotter = new CopySnapshotter(directories, kernel, whiteouts());
    snapshotter.open();
    return snapshotter;
  }

  @Override
  protected Whiteouts whiteouts() {
    return new AttributeWhiteouts(kernel);
  }
}
