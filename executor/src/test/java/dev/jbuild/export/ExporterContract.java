package dev.jbuild.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every exporter owes. */
public abstract class ExporterContract {
  @TempDir Path directory;

  protected LayerRig rig;

  protected ExporterContract() {}

  protected abstract Exporter create() throws IOException;

  /** Whether the exporter sends one file to the client. */
  protected abstract boolean sendsAFile();

  @BeforeEach
  void open() throws IOException {
    rig = new LayerRig(directory.resolve("state"));
  }

  @AfterEach
  void close() {
    rig.close();
  }

  /** Two layers with a few files. */
  protected Snapshot snapshot() throws IOException {
    Snapshot base =
        rig.layer(
            Snapshot.SCRATCH,
            at -> {
              Files.createDirectory(at.resolve("etc"));
              Files.writeString(at.resolve("etc/conf"), "old");
              Files.writeString(at.resolve("etc/kept"), "kept");
            });
    return rig.layer(
        base,
        at -> {
          Files.createDirectory(at.resolve("etc"));
          Files.writeString(at.resolve("etc/conf"), "new");
          Files.writeString(at.resolve("large"), "x".repeat(500_000));
        });
  }

  protected Map<String, String> export(Map<String, String> attrs, BuildResult result)
      throws InterruptedException, IOException {
    return create().prepare(attrs).run(result, rig.context());
  }

  @Test
  void unknownAttributeIsRefusedBeforeAnyWork() {
    BuildException failure =
        assertThrows(BuildException.class, () -> create().prepare(Map.of("no-such-thing", "1")));
    assertEquals(Code.INVALID, failure.code());
    assertTrue(failure.message().contains("unknown attribute 'no-such-thing'"), failure.message());
  }

  @Test
  void sameResultGivesTheSameBytes() throws Exception {
    Snapshot snapshot = snapshot();
    Map<String, String> first = export(Map.of(), LayerRig.result(snapshot));
    List<Path> before = rig.sink.taken();
    Map<String, String> second = export(Map.of(), LayerRig.result(snapshot));
    assertEquals(first, second);
    List<Path> after = rig.sink.taken();
    if (sendsAFile()) {
      assertEquals(2, after.size());
      assertArrayEquals(Files.readAllBytes(after.get(0)), Files.readAllBytes(after.get(1)));
    } else {
      assertEquals(before, after);
    }
  }

  @Test
  void emptyResultIsExported() throws Exception {
    export(Map.of(), LayerRig.result(Snapshot.SCRATCH));
  }

  @Test
  void fullDiskLeavesNoFileAndSaysSo() throws Exception {
    Assumptions.assumeTrue(sendsAFile(), "this exporter sends no file that could be cut off");
    rig.sink.room(100_000);
    BuildException failure = assertThrows(BuildException.class, () -> export(plain(), result()));
    assertEquals(Code.RESOURCE_EXHAUSTED, failure.code());
    assertEquals(
        create().title() + ": no space left on device: free some, or write to another place",
        failure.message());
    assertEquals(List.of(), rig.sink.taken());
  }

  /** Attributes that make the output as large as it can be. */
  protected Map<String, String> plain() {
    return Map.of("compression", "uncompressed");
  }

  private BuildResult result() throws IOException {
    return LayerRig.result(snapshot());
  }

  @Test
  void frontendMetadataIsPassedOn() throws Exception {
    BuildResult plain = LayerRig.result(snapshot());
    var result = new BuildResult(plain.images(), false, Map.of("frontend.k", Bytes.utf8("v")));
    assertEquals("v", export(Map.of(), result).get("frontend.k"));
  }
}
