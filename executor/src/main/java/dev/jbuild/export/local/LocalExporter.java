package dev.jbuild.export.local;

import dev.jbuild.export.Attrs;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.ExportErrors;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.FileOptions;
import dev.jbuild.export.Responses;
import dev.jbuild.export.Trees;
import dev.jbuild.linux.Kernel;
import dev.jbuild.session.OutputSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * {@code type=local}: the result's files, merged, in a directory. What is there already stays, but
 * with {@code mode=delete}, where the client lets what is not in the result go.
 */
public final class LocalExporter implements Exporter {
  private final Trees trees;
  private final Kernel kernel;

  public LocalExporter(Trees trees, Kernel kernel) {
    this.trees = trees;
    this.kernel = kernel;
  }

  @Override
  public String type() {
    return "local";
  }

  @Override
  public String title() {
    return "exporting to client directory";
  }

  @Override
  public Export prepare(Map<String, String> attrs) {
    var read = new Attrs(type(), attrs);
    FileOptions options = FileOptions.read(read);
    String mode = read.text("mode").strip().toLowerCase(Locale.ROOT);
    OpenedTree tree =
        switch (mode) {
          case "", "copy" -> OutputSink::openTree;
          case "delete" -> OutputSink::openWhole;
          default -> throw read.invalid("mode", mode, "want 'copy' or 'delete'");
        };
    read.end();
    return (result, context) -> run(result, options, context, tree);
  }

  /** How the client is asked for its directory. */
  private interface OpenedTree {
    OutputSink.Tree of(OutputSink outputs, int exporter) throws IOException;
  }

  private Map<String, String> run(
      BuildResult result, FileOptions options, ExportContext context, OpenedTree tree)
      throws InterruptedException {
    try (OutputSink.Tree destination = tree.of(context.outputs(), context.index())) {
      for (BuildResult.PlatformImage image : result.images()) {
        Path directory = destination.path().resolve(options.directory(result, image));
        Files.createDirectories(directory);
        var copy = new TreeCopy(kernel, options.newestNanos(), context.progress());
        copy.run(trees.open(image.snapshot()), directory);
      }
      destination.complete();
      return Responses.of(result);
    } catch (IOException e) {
      throw ExportErrors.of(title(), e);
    }
  }
}
