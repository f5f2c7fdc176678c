package dev.jbuild.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.TreeText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class LayerApplierTest {
  private static final Kernel KERNEL = new LibcKernel();
  private static final OverlayWhiteouts WHITEOUTS = new OverlayWhiteouts(KERNEL);

  @TempDir private Path temporary;
  private Path layer = Path.of("/nowhere");
  private final LayerApplier applier =
      new LayerApplier(KERNEL, WHITEOUTS, new UnpackLimits(1 << 20, 1000));

  @BeforeEach
  void makeLayerDirectory() throws IOException {
    layer = Files.createDirectory(temporary.resolve("layer"));
  }

  @Test
  void allTypesComeOutAsTheyWentIn() throws IOException {
    apply(
        new TarBuilder()
            .directory("d/", 02755)
            .entry(
                "d/f",
                TarEntry.Type.REGULAR,
                04711,
                "data",
                "",
                Map.of("user.note", new byte[] {(byte) 0xFF, 0}))
            .hardLink("d/same", "d/f")
            .symlink("d/link", "../etc/passwd")
            .entry("null", TarEntry.Type.CHARACTER, 0666, "", "", Map.of())
            .entry("pipe", TarEntry.Type.FIFO, 0600, "", "", Map.of()));
    assertEquals(
        """
        d2755 0:0 d
        -4711 0:0 d/f = data user.note=ff00
        l0777 0:0 d/link -> ../etc/passwd
        -4711 0:0 d/same = data user.note=ff00
        c0666 0:0 null 1:3
        p0600 0:0 pipe 0:0""",
        TreeText.of(TreeText.plain(layer)));
    assertEquals(
        KERNEL.stat(layer.resolve("d/f")).inode(), KERNEL.stat(layer.resolve("d/same")).inode());
    assertEquals(1_000_000_000L, KERNEL.stat(layer.resolve("d")).modifiedNanos());
  }

  @Test
  void theDigestIsOfTheWholeStreamPaddingIncluded() throws IOException {
    byte[] tar = new TarBuilder().file("f", "x").bytes();
    byte[] padded = Arrays.copyOf(tar, tar.length + 10240);
    var applied = applier.apply(new ByteArrayInputStream(padded), layer);
    assertEquals(Digest.of(padded), applied.diffId());
  }

  @Test
  void whiteoutsHideAndOpaqueMarkersHideAllBelow() throws IOException {
    apply(
        new TarBuilder()
            .directory("a/", 0755)
            .file("a/.wh.gone", "")
            .directory("b/", 0755)
            .file("b/new", "1")
            .file("b/.wh..wh..opq", ""));
    assertTrue(KERNEL.stat(layer.resolve("a/gone")).isWhiteout());
    assertTrue(WHITEOUTS.isOpaque(layer.resolve("b")));
    assertTrue(Files.exists(layer.resolve("b/new")), "an opaque marker spares this layer's files");
  }

  @Test
  void aWhiteoutSparesThisLayersOwnFileInEitherOrder() throws IOException {
    apply(new TarBuilder().file("x", "1").file(".wh.x", "").file(".wh.y", "").file("y", "2"));
    assertEquals("-0644 0:0 x = 1\n-0644 0:0 y = 2", TreeText.of(TreeText.plain(layer)));
  }

  @Test
  void aDirectoryThatReplacesWhatWasHiddenShowsNothingOfItsPredecessor() throws IOException {
    apply(
        new TarBuilder()
            .file(".wh.d", "")
            .directory("d/", 0700)
            .directory("e/", 0700)
            .file(".wh.e", ""));
    assertTrue(WHITEOUTS.isOpaque(layer.resolve("d")));
    assertTrue(WHITEOUTS.isOpaque(layer.resolve("e")));
  }

  @Test
  void namesThatClimbStayInsideTheLayer() throws IOException {
    apply(
        new TarBuilder()
            .file("../../../escape", "1")
            .file("/absolute", "2")
            .symlink("out", "/../../..")
            .file("out/through", "3")
            .symlink("up", "..")
            .file("up/above", "4"));
    assertEquals(
        """
        -0644 0:0 above = 4
        -0644 0:0 absolute = 2
        -0644 0:0 escape = 1
        l0777 0:0 out -> /../../..
        -0644 0:0 through = 3
        l0777 0:0 up -> ..""",
        TreeText.of(TreeText.plain(layer)));
    try (var beside = Files.list(temporary)) {
      assertEquals(List.of(layer), beside.toList());
    }
  }

  @Test
  void absoluteLinksAreFollowedInsideTheLayer() throws IOException {
    apply(new TarBuilder().symlink("bin", "/usr/bin").file("bin/tool", "x"));
    assertTrue(Files.isRegularFile(layer.resolve("usr/bin/tool")));
    assertFalse(Files.exists(Path.of("/usr/bin/tool")));
  }

  @Test
  void aHardLinkToWhatIsNotInTheLayerIsRefused() {
    var failure =
        assertThrows(
            TarException.class, () -> apply(new TarBuilder().hardLink("x", "../../etc/passwd")));
    assertEquals(
        "tar entry 'x': hard link to '../../etc/passwd', which is no file of this layer",
        failure.getMessage());
  }

  @Test
  void aFileAsParentIsRefused() {
    var failure =
        assertThrows(
            TarException.class, () -> apply(new TarBuilder().file("f", "").file("f/below", "")));
    assertEquals("tar entry 'f/below': 'f' is not a directory", failure.getMessage());
  }

  @Test
  void aLoopOfLinksIsRefused() {
    var failure =
        assertThrows(
            TarException.class,
            () -> apply(new TarBuilder().symlink("a", "b").symlink("b", "a").file("a/x", "")));
    assertEquals("tar entry 'a/x': too many symbolic links", failure.getMessage());
  }

  @Test
  void whiteoutsThatNameNoFileAreRefused() {
    for (String name : List.of(".wh.", ".wh..", ".wh...")) {
      var failure =
          assertThrows(
              TarException.class,
              () -> apply(new TarBuilder().file(name.length() + "/" + name, "")));
      assertEquals(
          "tar entry '" + name.length() + "/" + name + "': a whiteout must name a file",
          failure.getMessage());
    }
  }

  @Test
  void anArchiveOverTheLimitIsRefusedBeforeItIsWritten() {
    var failure =
        assertThrows(
            TarException.class,
            () -> apply(new TarBuilder().file("big", "x".repeat((1 << 20) + 1))));
    assertEquals(
        "tar entry 'big': the archive is over the limit of 1048576 bytes or 1000 entries",
        failure.getMessage());
    assertFalse(Files.exists(layer.resolve("big")));
  }

  @Test
  void marksOfStorageItselfCannotBeForged() throws IOException {
    apply(
        new TarBuilder()
            .entry(
                "d/",
                TarEntry.Type.DIRECTORY,
                0755,
                "",
                "",
                Map.of("trusted.overlay.opaque", new byte[] {'y'})));
    assertFalse(WHITEOUTS.isOpaque(layer.resolve("d")));
  }

  @Test
  void missingParentsTakeTheirMetadataFromTheLayersBelow() throws IOException {
    Path below = Files.createDirectory(temporary.resolve("below"));
    applier.apply(new TarBuilder().directory("etc/", 0711).open(), below);
    var applied = applier.apply(new TarBuilder().file("etc/f", "").open(), layer);
    assertEquals(Set.of("", "etc"), applied.implicitDirectories());
    var lower =
        new MergedTree(
            List.of(new MergedTree.Layer(new LayerId("b"), below)),
            KERNEL,
            WHITEOUTS,
            FileDigests.uncached());
    ImplicitDirectories.adopt(applied.implicitDirectories(), layer, lower, KERNEL);
    assertEquals(0711, KERNEL.stat(layer.resolve("etc")).permissions());
    assertEquals(1_000_000_000L, KERNEL.stat(layer.resolve("etc")).modifiedNanos());
  }

  private void apply(TarBuilder tar) throws IOException {
    try (InputStream in = tar.open()) {
      applier.apply(in, layer);
    }
  }
}
