package dev.jbuild.export.docker;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.Attrs;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.ExportErrors;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ImageOptions;
import dev.jbuild.export.ImageWriter;
import dev.jbuild.export.LayoutArchive;
import dev.jbuild.export.LayoutDirectory;
import dev.jbuild.export.Responses;
import dev.jbuild.export.SinkFile;
import dev.jbuild.export.WrittenImage;
import java.io.IOException;
import java.util.Map;

/**
 * {@code type=docker}: a tar that is an OCI layout and can be loaded by Docker, or with {@code
 * tar=false} such a layout as a directory.
 */
public final class DockerExporter implements Exporter {
  private final ImageWriter images;
  private final LayoutArchive archive;
  private final LayoutDirectory directory;

  public DockerExporter(ImageWriter images, LayoutArchive archive, LayoutDirectory directory) {
    this.images = images;
    this.archive = archive;
    this.directory = directory;
  }

  @Override
  public String type() {
    return "docker";
  }

  @Override
  public String title() {
    return "exporting to docker image format";
  }

  @Override
  public Export prepare(Map<String, String> attrs) {
    var read = new Attrs(type(), attrs);
    ImageOptions options = ImageOptions.read(read, false);
    boolean tar = read.flag("tar", true);
    read.end();
    return (result, context) -> run(result, options, tar, context);
  }

  private Map<String, String> run(
      BuildResult result, ImageOptions options, boolean tar, ExportContext context)
      throws InterruptedException {
    if (result.images().size() > 1 || result.multiPlatform()) {
      throw new BuildException(
          Code.INVALID,
          "output type=docker: manifest lists are not supported by this format: build one"
              + " platform, or use type=oci");
    }
    try {
      WrittenImage image = images.write(result, options, ImageWriter.Layers.PACKED, context);
      if (tar) {
        SinkFile.send(context, out -> archive.write(image, true, out));
      } else {
        directory.add(image, context);
      }
      return Responses.of(image, result);
    } catch (IOException e) {
      throw ExportErrors.of(title(), e);
    }
  }
}
