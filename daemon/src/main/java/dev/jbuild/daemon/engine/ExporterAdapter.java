package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.BuildExporter;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.Exporter;
import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.StepTransfers;
import dev.jbuild.ops.Trees;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.progress.VertexProgress;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An exporter of the worker as the edge calls it: results become states of the layer store. */
record ExporterAdapter(Exporter exporter, Trees trees) implements BuildExporter {

  @Override
  public String type() {
    return exporter.type();
  }

  @Override
  public String vertexName() {
    return exporter.title();
  }

  @Override
  public void check(Map<String, String> attrs) {
    exporter.prepare(attrs);
  }

  @Override
  public Map<String, String> export(Export export, VertexProgress progress)
      throws InterruptedException {
    var images = new ArrayList<BuildResult.PlatformImage>();
    for (PlatformImage result : export.results()) {
      Bytes config = result.config();
      images.add(
          new BuildResult.PlatformImage(
              result.platform(),
              snapshot(result.root()),
              config == null ? Bytes.empty() : config,
              result.baseConfig()));
    }
    return exporter
        .prepare(export.attrs())
        .run(
            new BuildResult(images, export.multiPlatform(), export.metadata()),
            new ExportContext(
                export.session().outputs(), export.index(), new StepTransfers(progress)));
  }

  private Snapshot snapshot(@Nullable Result root) throws InterruptedException {
    return root == null ? Snapshot.SCRATCH : trees.snapshot(root);
  }
}
