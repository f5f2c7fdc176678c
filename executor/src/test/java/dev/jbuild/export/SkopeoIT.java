package dev.jbuild.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.export.docker.DockerExporter;
import dev.jbuild.export.oci.OciExporter;
import dev.jbuild.registry.DebianRegistry;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is exported, read by a tool that others wrote. */
@Tag("root")
class SkopeoIT {
  private static final String CONFIG =
      "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Env\":[\"A=B\"],"
          + "\"Labels\":{\"k\":\"v\"}},\"history\":[{\"created_by\":\"COPY a\"},"
          + "{\"created_by\":\"RUN b\"}]}";

  @TempDir Path directory;

  private LayerRig rig;

  @BeforeEach
  void open() throws IOException {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/skopeo")),
        "skopeo is missing: apt-get install skopeo");
    rig = new LayerRig(directory.resolve("state"));
  }

  @AfterEach
  void close() {
    if (rig != null) {
      rig.close();
    }
  }

  private BuildResult result() throws IOException {
    Snapshot base =
        rig.layer(Snapshot.SCRATCH, at -> Files.writeString(at.resolve("a"), "a".repeat(9_000)));
    return LayerRig.result(rig.layer(base, at -> Files.writeString(at.resolve("b"), "b")), CONFIG);
  }

  private OciExporter oci() {
    return new OciExporter(
        rig.writer(), new LayoutArchive(rig.content), new LayoutDirectory(rig.content));
  }

  private String inspect(String... what) throws IOException, InterruptedException {
    var arguments = new java.util.ArrayList<String>();
    arguments.add("inspect");
    arguments.addAll(java.util.List.of(what));
    return DebianRegistry.skopeo(arguments.toArray(new String[0]));
  }

  private static void assertInspected(String json) {
    assertTrue(json.contains("\"A=B\""), json);
    assertTrue(json.contains("\"k\": \"v\""), json);
    assertTrue(json.contains("\"Created\": \"2026-03-04T05:06:07Z\""), json);
    assertTrue(json.contains("\"Architecture\": \"amd64\""), json);
  }

  @Test
  void ociArchiveIsReadWithEachCompression() throws Exception {
    BuildResult result = result();
    for (String compression : new String[] {"gzip", "zstd", "uncompressed"}) {
      oci().prepare(Map.of("compression", compression, "name", "app:1")).run(result, rig.context());
      assertInspected(inspect("oci-archive:" + rig.sink.newest() + ":1"));
    }
  }

  @Test
  void ociDirectoryIsRead() throws Exception {
    oci().prepare(Map.of("tar", "false", "name", "app:1")).run(result(), rig.context());
    assertInspected(inspect("oci:" + rig.sink.directory(0) + ":1"));
  }

  @Test
  void dockerArchiveIsReadByItsName() throws Exception {
    for (String ociTypes : new String[] {"true", "false"}) {
      new DockerExporter(
              rig.writer(), new LayoutArchive(rig.content), new LayoutDirectory(rig.content))
          .prepare(Map.of("name", "app:1", "oci-mediatypes", ociTypes))
          .run(result(), rig.context());
      assertInspected(inspect("docker-archive:" + rig.sink.newest() + ":app:1"));
    }
  }

  @Test
  void everyByteIsReadWithoutComplaint() throws Exception {
    Map<String, String> keys = oci().prepare(Map.of("name", "app:1")).run(result(), rig.context());
    Path copy = Files.createDirectory(directory.resolve("copy"));
    DebianRegistry.skopeo(
        "copy",
        "--insecure-policy",
        "oci-archive:" + rig.sink.newest() + ":1",
        "oci:" + copy + ":1");
    assertEquals(
        keys.get("containerimage.digest") + System.lineSeparator(),
        inspect("--format", "{{.Digest}}", "oci:" + copy + ":1"));
  }
}
