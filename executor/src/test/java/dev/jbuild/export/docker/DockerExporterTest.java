package dev.jbuild.export.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ExporterContract;
import dev.jbuild.export.LayerRig;
import dev.jbuild.export.LayoutArchive;
import dev.jbuild.export.LayoutDirectory;
import dev.jbuild.export.TarFixture;
import dev.jbuild.oci.Bytes;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DockerExporterTest extends ExporterContract {

  @Override
  protected Exporter create() {
    return new DockerExporter(
        rig.writer(), new LayoutArchive(rig.content), new LayoutDirectory(rig.content));
  }

  @Override
  protected boolean sendsAFile() {
    return true;
  }

  @Test
  void manifestJsonNamesConfigLayersAndTags() throws Exception {
    Map<String, String> keys = export(Map.of("name", "app:1,app:2"), LayerRig.result(snapshot()));
    Map<String, Bytes> archive = TarFixture.files(rig.sink.newest());
    String json = TarFixture.file(archive, "manifest.json").toUtf8();
    String config = keys.getOrDefault("containerimage.config.digest", "").substring(7);
    assertTrue(
        json.startsWith(
            "[{\"Config\":\"blobs/sha256/"
                + config
                + "\",\"RepoTags\":[\"app:1\",\"app:2\"],\"Layers\":[\"blobs/sha256/"),
        json);
    for (String path : json.split("\"", -1)) {
      assertTrue(!path.startsWith("blobs/") || archive.containsKey(path), path);
    }
  }

  @Test
  void imageWithoutANameHasNoTags() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    String json = TarFixture.file(TarFixture.files(rig.sink.newest()), "manifest.json").toUtf8();
    assertTrue(json.contains("\"RepoTags\":null"), json);
  }

  @Test
  void severalPlatformsAreRefused() throws Exception {
    var result = new BuildResult(LayerRig.result(snapshot()).images(), true, Map.of());
    assertEquals(
        "output type=docker: manifest lists are not supported by this format: build one platform,"
            + " or use type=oci",
        assertThrows(BuildException.class, () -> export(Map.of(), result)).message());
  }
}
