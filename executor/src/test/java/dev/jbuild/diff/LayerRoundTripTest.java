package dev.jbuild.diff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.mount.Mounter;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.RandomTree;
import dev.jbuild.snapshot.TreeText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is packed and unpacked again, alone and then fitted, is what it was. */
@Tag("root")
final class LayerRoundTripTest {
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final Kernel KERNEL = new LibcKernel();
  private static final OverlayWhiteouts WHITEOUTS = new OverlayWhiteouts(KERNEL);

  @TempDir private Path root;

  @BeforeEach
  void needsRoot() throws IOException {
    Assumptions.assumeTrue(
        (KERNEL.effectiveCapabilities() & CAP_SYS_ADMIN) != 0, "whiteouts need CAP_SYS_ADMIN");
  }

  @Test
  void randomLayersSurvive() throws IOException {
    for (long seed = 1; seed <= 15; seed++) {
      randomLayersSurvive(seed);
    }
  }

  private void randomLayersSurvive(long seed) throws IOException {
    Path reference = Files.createDirectories(root.resolve(seed + "/reference"));
    var random = new RandomTree(seed);
    var written = new ArrayList<MergedTree.Layer>();
    var unpacked = new ArrayList<MergedTree.Layer>();
    for (int i = 0; i < 5; i++) {
      var id = new LayerId("l" + i);
      Path layer = Files.createDirectories(root.resolve(seed + "/written/" + i + "/fs"));
      LayerEditor editor = tree(written).edit(layer);
      for (RandomTree.Change change : random.mutate(reference, 30)) {
        RandomTree.apply(change, editor);
      }
      editor.finish();
      byte[] tar = pack(layer, tree(written));
      written.add(new MergedTree.Layer(id, layer));
      Path again = Files.createDirectories(root.resolve(seed + "/unpacked/" + i + "/fs"));
      unpack(tar, again, tree(unpacked));
      unpacked.add(new MergedTree.Layer(id, again));
      String expected = TreeText.withTimes(tree(written));
      assertEquals(expected, TreeText.withTimes(tree(unpacked)), "seed " + seed + ", layer " + i);
    }
  }

  @Test
  void directoryInAnOpaqueDirectoryHidesWhatWasInIt() throws IOException {
    Path low = directory("low/fs");
    Files.createDirectories(low.resolve("d/s"));
    Files.writeString(low.resolve("d/s/old"), "1");
    Path high = directory("high/fs");
    Files.createDirectories(high.resolve("d/s"));
    Files.writeString(high.resolve("d/s/new"), "2");
    WHITEOUTS.makeOpaque(high.resolve("d"));
    var lower = List.of(new MergedTree.Layer(new LayerId("low"), low));
    Path again = directory("again/fs");
    unpack(pack(high, tree(lower)), again, tree(lower));
    assertEquals(
        "d0755 0:0 d\nd0755 0:0 d/s\n-0644 0:0 d/s/new = 2",
        TreeText.of(
            tree(List.of(lower.getFirst(), new MergedTree.Layer(new LayerId("high"), again)))));
  }

  @Test
  void fileWhoseNanosecondsWereCutOffIsComparedByContent() throws IOException {
    Path low = directory("low/fs");
    Path high = directory("high/fs");
    for (Path layer : List.of(low, high)) {
      Files.writeString(layer.resolve("same"), "1");
      Files.writeString(layer.resolve("changed"), layer.equals(low) ? "1" : "2");
      for (String name : List.of("same", "changed")) {
        KERNEL.changeTimes(layer.resolve(name), 0, 5_000_000_000L);
      }
    }
    var lower = tree(List.of(new MergedTree.Layer(new LayerId("low"), low)));
    Path again = directory("again/fs");
    unpack(pack(high, lower), again, lower);
    assertEquals("-0644 0:0 changed = 2", TreeText.of(TreeText.plain(again)));
  }

  @Test
  void opaqueRootHidesAllInTheTreeAndInTheMount() throws IOException {
    Path low = directory("low/fs");
    Files.createDirectories(low.resolve("d"));
    Files.writeString(low.resolve("d/old"), "1");
    Files.writeString(low.resolve("f"), "1");
    var lower = tree(List.of(new MergedTree.Layer(new LayerId("low"), low)));
    Path high = directory("high/fs");
    byte[] tar =
        new TarBuilder().directory("d/", 0755).file("d/new", "2").file(".wh..wh..opq", "").bytes();
    unpack(tar, high, lower);
    String expected = "d0755 0:0 d\n-0644 0:0 d/new = 2";
    var both =
        List.of(
            new MergedTree.Layer(new LayerId("low"), low),
            new MergedTree.Layer(new LayerId("high"), high));
    assertEquals(expected, TreeText.of(tree(both)));
    Path target = directory("mount");
    KERNEL.mountOverlay(List.of(high, low), null, null, List.of("ro"), target);
    try {
      assertEquals(expected, TreeText.of(TreeText.plain(target)));
    } finally {
      new Mounter(KERNEL).unmount(target);
    }
  }

  @Test
  void pathThroughALinkOfTheLayersBelowGoesWhereItLeads() throws IOException {
    Path low = directory("low/fs");
    Files.createDirectories(low.resolve("usr/lib/kept"));
    KERNEL.changeMode(low.resolve("usr/lib"), 0711);
    Files.createSymbolicLink(low.resolve("lib"), Path.of("usr/lib"));
    var lowest = new MergedTree.Layer(new LayerId("low"), low);
    Path high = directory("high/fs");
    byte[] tar =
        new TarBuilder().file("lib/a", "1").file("lib/new/b", "2").file("lib/.wh.kept", "").bytes();
    unpack(tar, high, tree(List.of(lowest)));
    assertEquals(
        """
        l0777 0:0 lib -> usr/lib
        d0755 0:0 usr
        d0711 0:0 usr/lib
        -0644 0:0 usr/lib/a = 1
        d0755 0:0 usr/lib/new
        -0644 0:0 usr/lib/new/b = 2""",
        TreeText.of(tree(List.of(lowest, new MergedTree.Layer(new LayerId("high"), high)))));
  }

  @Test
  void bytesOfALayerAreTheSameEverywhere() throws IOException {
    Path layer = directory("layer/fs");
    Files.createDirectories(layer.resolve("größe/" + "lang".repeat(40)));
    Files.writeString(layer.resolve("größe/" + "lang".repeat(40) + "/f"), "1");
    Files.createLink(layer.resolve("z"), layer.resolve("größe/" + "lang".repeat(40) + "/f"));
    Files.createSymbolicLink(layer.resolve("l"), Path.of("../ziel"));
    KERNEL.makeNode(layer.resolve("null"), FileStat.CHARACTER | 0666, 1, 3);
    KERNEL.setAttribute(
        layer.resolve("z"),
        "security.capability",
        new byte[] {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    LayerEditor editor = tree(List.of()).edit(layer);
    for (String path :
        List.of(
            "größe/" + "lang".repeat(40) + "/f",
            "l",
            "null",
            "größe/" + "lang".repeat(40),
            "größe")) {
      FileStat stat = KERNEL.stat(layer.resolve(path));
      editor.describe(
          path,
          stat.type(),
          new Metadata(
              70_000_000,
              1,
              0750,
              1_600_000_000_999_999_999L,
              KERNEL.attributes(layer.resolve(path))));
    }
    editor.finish();
    byte[] tar = pack(layer, tree(List.of()));
    assertArrayEquals(tar, pack(layer, tree(List.of())));
    assertEquals(
        "sha256:bbd51c3be62da823c82af5363f978323b9dd5ee436894914b8e86a9938908815",
        Digest.of(tar).toString());
  }

  @Test
  void whiteoutDeviceInATarIsRefused() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var tar = new TarWriter(bytes);
    tar.begin(new TarEntry("w", TarEntry.Type.CHARACTER, 0, 0, 0, 0, 0, "", 0, 0, Map.of()));
    tar.finish();
    var e =
        assertThrows(
            TarException.class,
            () -> unpack(bytes.toByteArray(), directory("layer"), tree(List.of())));
    assertEquals("tar entry 'w': the device 0:0 cannot be stored", e.getMessage());
  }

  @Test
  void layerWithoutChangesIsTheEmptyTar() throws IOException {
    assertEquals(
        "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        Digest.of(pack(directory("layer/fs"), tree(List.of()))).toString());
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  private static MergedTree tree(List<MergedTree.Layer> layers) {
    return new MergedTree(layers, KERNEL, WHITEOUTS, FileDigests.uncached());
  }

  private static byte[] pack(Path layer, MergedTree lower) throws IOException {
    var tar = new ByteArrayOutputStream();
    new LayerTar(KERNEL, WHITEOUTS).write(layer, lower, Long.MAX_VALUE, tar);
    return tar.toByteArray();
  }

  private static void unpack(byte[] tar, Path layer, MergedTree lower) throws IOException {
    var gzip = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(gzip)) {
      out.write(tar);
    }
    var applied =
        new LayerApplier(KERNEL, WHITEOUTS, UnpackLimits.DEFAULT)
            .apply(new ByteArrayInputStream(gzip.toByteArray()), layer);
    assertEquals(Digest.of(tar), applied.diffId());
    new LayerFit(layer, lower, KERNEL, WHITEOUTS).fit(applied.implicitDirectories());
  }
}
