package dev.jbuild.ops;

import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.source.Located;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names the layers of what a source has: an image from a registry, a layout or the own store, whose
 * layers it does not bring; a file of the web or a commit, which it brings.
 */
final class ImageStep implements Op {
  private final Source source;
  private final SourceRequest request;
  private final SnapshotResults results;
  private @Nullable Located located;

  ImageStep(Source source, SourceRequest request, SnapshotResults results) {
    this.source = source;
    this.request = request;
    this.results = results;
  }

  @Override
  public CacheMap cacheMap(OpContext context) throws InterruptedException {
    var key = new KeyHash("jbuild.image.v1").text(locate(context).key().hex());
    return new CacheMap(key.digest(), List.of(), true);
  }

  @Override
  public List<Result> execute(OpContext context, List<Result> inputs) throws InterruptedException {
    return List.of(results.of(locate(context).snapshot()));
  }

  @Override
  public boolean heavy() {
    return false;
  }

  private synchronized Located locate(OpContext context) throws InterruptedException {
    if (located == null) {
      located = source.locate(request, new StepTransfers(context.progress()));
    }
    return located;
  }
}
