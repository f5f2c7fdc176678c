package dev.jbuild.export.oci;

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
 * {@code type=oci}: an OCI layout as a tar, or with {@code tar=false} in a directory. Source: OCI
 * facts, section 5.
 */
public final class OciExporter implements Exporter {
  private final ImageWriter images;
  private final LayoutArchive archive;
  private final LayoutDirectory directory;

  public OciExporter(ImageWriter images, LayoutArchive archive, LayoutDirectory directory) {
    this.images = images;
    this.archive = archive;
    this.directory = directory;
  }

  @Override
  public String type() {
    return "oci";
  }

  @Override
  public String title() {
    return "exporting to oci image format";
  }

  @Override
  public Export prepare(Map<String, String> attrs) {
    var read = new Attrs(type(), attrs);
    ImageOptions options = ImageOptions.read(read, true);
    boolean tar = read.flag("tar", true);
    read.end();
    return (result, context) -> run(result, options, tar, context);
  }

  private Map<String, String> run(
      BuildResult result, ImageOptions options, boolean tar, ExportContext context)
      throws InterruptedException {
    try {
      WrittenImage image = images.write(result, options, ImageWriter.Layers.PACKED, context);
      if (tar) {
        SinkFile.send(context, out -> archive.write(image, false, out));
      } else {
        directory.add(image, context);
      }
      return Responses.of(image, result);
    } catch (IOException e) {
      throw ExportErrors.of(title(), e);
    }
  }
}
