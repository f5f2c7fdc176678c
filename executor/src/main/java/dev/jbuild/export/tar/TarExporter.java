package dev.jbuild.export.tar;

import dev.jbuild.diff.TreeTar;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.Attrs;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.ExportErrors;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.FileOptions;
import dev.jbuild.export.Responses;
import dev.jbuild.export.SinkFile;
import dev.jbuild.export.Trees;
import dev.jbuild.snapshot.FileTree;
import java.io.IOException;
import java.util.Map;

/** {@code type=tar}: the result's files, merged, as one tar. */
public final class TarExporter implements Exporter {
  private final Trees trees;

  public TarExporter(Trees trees) {
    this.trees = trees;
  }

  @Override
  public String type() {
    return "tar";
  }

  @Override
  public String title() {
    return "exporting to client tarball";
  }

  @Override
  public Export prepare(Map<String, String> attrs) {
    var read = new Attrs(type(), attrs);
    FileOptions options = FileOptions.read(read);
    if (options.split()) {
      read.notYet("platform-split");
    }
    read.end();
    return (result, context) -> run(result, options, context);
  }

  private Map<String, String> run(BuildResult result, FileOptions options, ExportContext context)
      throws InterruptedException {
    if (result.images().size() > 1) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "output type=tar: several platforms in one tar are not offered yet: use type=local");
    }
    try {
      FileTree tree = trees.open(result.images().getFirst().snapshot());
      SinkFile.send(
          context, Responses.of(result), out -> TreeTar.write(tree, options.newestNanos(), out));
      return Responses.of(result);
    } catch (IOException e) {
      throw ExportErrors.of(title(), e);
    }
  }
}
