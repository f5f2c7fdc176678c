package dev.jbuild.export;

import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.util.ArrayList;

/** Reads snapshots without mounting them; lazy layers are brought first. */
public record MergedTrees(
    LayerCatalog catalog, Snapshotter snapshotter, Kernel kernel, Whiteouts whiteouts)
    implements Trees {

  @Override
  public FileTree open(Snapshot snapshot) throws IOException, InterruptedException {
    catalog.require(snapshot);
    var layers = new ArrayList<MergedTree.Layer>();
    for (LayerId layer : snapshot.layers()) {
      layers.add(new MergedTree.Layer(layer, snapshotter.directory(layer)));
    }
    return new MergedTree(layers, kernel, whiteouts, FileDigests.uncached());
  }
}
