package dev.jbuild.export.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ExporterContract;
import dev.jbuild.export.LayerRig;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.direct.ReplacedDirectory;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalExporterTest extends ExporterContract {
  @TempDir Path elsewhere;

  @Override
  protected Exporter create() {
    return new LocalExporter(rig.trees(), rig.kernel);
  }

  @Override
  protected boolean sendsAFile() {
    return false;
  }

  private Path out() {
    return rig.sink.directory(0);
  }

  @Test
  void layersAreMergedIntoTheDirectory() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    assertEquals("new", Files.readString(out().resolve("etc/conf")));
    assertEquals("kept", Files.readString(out().resolve("etc/kept")));
  }

  @Test
  void modesTimesAndLinksAreKept() throws Exception {
    Snapshot snapshot =
        rig.layer(
            Snapshot.SCRATCH,
            at -> {
              Files.writeString(at.resolve("file"), "x");
              rig.kernel.changeMode(at.resolve("file"), 04755);
              Files.createLink(at.resolve("hard"), at.resolve("file"));
              Files.createSymbolicLink(at.resolve("soft"), Path.of("../../etc/passwd"));
            });
    export(Map.of(), LayerRig.result(snapshot));
    var file = rig.kernel.stat(out().resolve("file"));
    assertEquals(04755, file.permissions());
    assertEquals(1_000_000_000L, file.modifiedNanos());
    assertEquals(file.inode(), rig.kernel.stat(out().resolve("hard")).inode());
    assertEquals(Path.of("../../etc/passwd"), Files.readSymbolicLink(out().resolve("soft")));
  }

  @Test
  void whatIsThereStaysAndWhatIsInTheWayGoes() throws Exception {
    Files.writeString(out().resolve("mine"), "mine");
    Files.writeString(out().resolve("etc"), "a file where a directory goes");
    Files.createDirectories(out().resolve("large/deep"));
    export(Map.of(), LayerRig.result(snapshot()));
    assertEquals("mine", Files.readString(out().resolve("mine")));
    assertEquals("new", Files.readString(out().resolve("etc/conf")));
    assertTrue(Files.isRegularFile(out().resolve("large")));
  }

  @Test
  void linksThatAreThereAreNotFollowed() throws Exception {
    Files.createSymbolicLink(out().resolve("etc"), elsewhere);
    Files.createSymbolicLink(out().resolve("large"), elsewhere.resolve("target"));
    export(Map.of(), LayerRig.result(snapshot()));
    assertTrue(Files.isDirectory(out().resolve("etc"), LinkOption.NOFOLLOW_LINKS));
    assertFalse(Files.exists(elsewhere.resolve("conf")));
    assertFalse(Files.exists(elsewhere.resolve("target")));
  }

  @Test
  void failedCopyTakesItsFilesAway() throws Exception {
    Files.writeString(out().resolve("mine"), "mine");
    FileTree whole = rig.trees().open(snapshot());
    var broken =
        new FileTree() {
          @Override
          public @Nullable FileNode lookup(String path) throws IOException {
            return path.isEmpty() ? whole.root() : null;
          }

          @Override
          public List<FileNode> list(FileNode directory) throws IOException {
            return whole.list(directory);
          }

          @Override
          public Map<String, byte[]> attributes(FileNode node) throws IOException {
            if (node.name().equals("large")) {
              throw new IOException("the disk is gone");
            }
            return whole.attributes(node);
          }

          @Override
          public Digest digest(FileNode file) {
            throw new AssertionError("nobody asks for digests");
          }
        };
    var exporter = new LocalExporter(snapshot -> broken, rig.kernel);
    BuildException failure =
        assertThrows(
            BuildException.class,
            () -> exporter.prepare(Map.of()).run(LayerRig.result(Snapshot.SCRATCH), rig.context()));
    assertEquals("exporting to client directory: the disk is gone", failure.message());
    assertEquals(List.of(out().resolve("mine")), rig.sink.taken());
  }

  @Test
  void severalPlatformsHaveADirectoryEach() throws Exception {
    Snapshot snapshot = snapshot();
    var arm =
        new BuildResult.PlatformImage(
            new Platform("linux", "arm64", ""), snapshot, Bytes.empty(), null);
    var result =
        new BuildResult(
            List.of(LayerRig.result(snapshot).images().getFirst(), arm), false, Map.of());
    export(Map.of(), result);
    assertTrue(Files.exists(out().resolve("linux_amd64/etc/conf")));
    assertTrue(Files.exists(out().resolve("linux_arm64/etc/conf")));
  }

  @Test
  void deletingModeAsksTheClientForAWholeTree() throws Exception {
    assertEquals(
        "output 0: the client deletes nothing: leave out mode=delete",
        assertThrows(
                BuildException.class,
                () -> export(Map.of("mode", "delete"), LayerRig.result(snapshot())))
            .message());
    assertEquals(List.of(), rig.sink.taken());
  }

  @Test
  void deletingModeKeepsTheDirectoriesOfAllPlatforms() throws Exception {
    Files.createDirectories(out().resolve("linux_s390x"));
    Snapshot snapshot = snapshot();
    var arm =
        new BuildResult.PlatformImage(
            new Platform("linux", "arm64", ""), snapshot, Bytes.empty(), null);
    var result =
        new BuildResult(
            List.of(LayerRig.result(snapshot).images().getFirst(), arm), false, Map.of());
    var outputs =
        new OutputSink() {
          @Override
          public OutputStream openFile(int exporter) {
            throw new AssertionError("no file");
          }

          @Override
          public Path directory(int exporter) {
            throw new AssertionError("only a whole tree");
          }

          @Override
          public Tree openWhole(int exporter) throws IOException {
            return ReplacedDirectory.open(out(), List.of());
          }
        };
    var context = new ExportContext(outputs, 0, TransferProgress.NONE, host -> Optional.empty());
    create().prepare(Map.of("mode", " Delete")).run(result, context);
    assertEquals(
        List.of(out().resolve("linux_amd64"), out().resolve("linux_arm64")), rig.sink.taken());
    assertEquals("new", Files.readString(out().resolve("linux_arm64/etc/conf")));
  }

  @Test
  void anotherModeIsRefused() {
    assertEquals(
        "output type=local: mode='mirror' makes no sense, want 'copy' or 'delete'",
        assertThrows(BuildException.class, () -> create().prepare(Map.of("mode", "mirror")))
            .message());
  }

  @Test
  @Tag("root")
  void ownersAreKeptByRoot() throws Exception {
    Assumptions.assumeTrue(
        rig.kernel.effectiveUserId() == 0, "only root may give files away: not running as root");
    Snapshot snapshot =
        rig.layer(
            Snapshot.SCRATCH,
            at -> {
              Files.writeString(at.resolve("file"), "x");
              rig.kernel.changeOwner(at.resolve("file"), 1234, 5678);
            });
    export(Map.of(), LayerRig.result(snapshot));
    var stat = rig.kernel.stat(out().resolve("file"));
    assertEquals("1234:5678", stat.uid() + ":" + stat.gid());
  }
}
