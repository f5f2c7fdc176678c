package dev.jbuild.diff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.TreeText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class LayerTarTest {
  private static final Kernel KERNEL = new LibcKernel();
  private static final OverlayWhiteouts WHITEOUTS = new OverlayWhiteouts(KERNEL);
  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path temporary;
  private Path below = Path.of("/nowhere");
  private Path layer = Path.of("/nowhere");
  private final LayerTar tar = new LayerTar(KERNEL, WHITEOUTS);

  @BeforeEach
  void makeDirectories() throws IOException {
    below = Files.createDirectory(temporary.resolve("below"));
    layer = Files.createDirectory(temporary.resolve("layer"));
  }

  @Test
  void namesAreSortedByBytesAndDirectoriesComeFirst() throws IOException {
    file(layer.resolve("b/c"), "1");
    file(layer.resolve("b.x"), "2");
    file(layer.resolve("a"), "3");
    file(layer.resolve("é"), "4");
    assertEquals(List.of("a", "b/", "b/c", "b.x", "é"), names());
  }

  @Test
  void aWhiteoutIsWrittenOnlyForWhatWasThere() throws IOException {
    file(below.resolve("old"), "1");
    WHITEOUTS.hide(layer.resolve("old"));
    WHITEOUTS.hide(layer.resolve("never"));
    assertEquals(List.of(".wh.old"), names());
  }

  @Test
  void anOpaqueDirectoryBecomesAWhiteoutForEachChildThatIsGone() throws IOException {
    file(below.resolve("d/a"), "1");
    file(below.resolve("d/b"), "2");
    file(layer.resolve("d/b"), "3");
    WHITEOUTS.makeOpaque(layer.resolve("d"));
    assertEquals(List.of("d/", "d/.wh.a", "d/b"), names());
  }

  @Test
  void whatWasOnlyTouchedIsLeftOut() throws IOException {
    file(below.resolve("d/same"), "1");
    KERNEL.changeTimes(below.resolve("d/same"), 0, 5 * SECOND + 7);
    file(layer.resolve("d/same"), "1");
    KERNEL.changeTimes(layer.resolve("d/same"), 0, 5 * SECOND + 7);
    assertEquals(List.of(), names());
  }

  @Test
  void aChangedModeIsAChange() throws IOException {
    file(below.resolve("d/x"), "1");
    Files.createDirectory(layer.resolve("d"));
    KERNEL.changeMode(layer.resolve("d"), 0700);
    assertEquals(List.of("d/"), names());
  }

  @Test
  void hardLinksPointAtTheFirstNameInTheLayer() throws IOException {
    file(layer.resolve("b"), "data");
    KERNEL.link(layer.resolve("b"), layer.resolve("z"));
    KERNEL.link(layer.resolve("b"), layer.resolve("a"));
    var entries = entries(write(Long.MAX_VALUE));
    assertEquals(TarEntry.Type.REGULAR, entries.get(0).type());
    assertEquals("a", entries.get(1).linkName());
    assertEquals("a", entries.get(2).linkName());
  }

  @Test
  void timesAfterTheGivenOneBecomeIt() throws IOException {
    file(layer.resolve("f"), "1");
    assertEquals(3 * SECOND, entries(write(3 * SECOND)).getFirst().modifiedNanos());
  }

  @Test
  void whatIsUnpackedAgainIsTheSame() throws IOException {
    file(below.resolve("gone"), "");
    file(layer.resolve("d/größe"), "x".repeat(10_000));
    KERNEL.changeMode(layer.resolve("d/größe"), 06751);
    KERNEL.changeOwner(layer.resolve("d"), 1000, 3_000_000);
    KERNEL.setAttribute(layer.resolve("d/größe"), "security.capability", capability());
    Files.createSymbolicLink(layer.resolve("d/link"), Path.of("../größe"));
    KERNEL.makeNode(layer.resolve("null"), FileStat.CHARACTER | 0666, 1, 3);
    WHITEOUTS.hide(layer.resolve("gone"));
    byte[] written = write(Long.MAX_VALUE);
    Path again = Files.createDirectory(temporary.resolve("again"));
    new LayerApplier(KERNEL, WHITEOUTS, UnpackLimits.DEFAULT)
        .apply(new ByteArrayInputStream(written), again);
    assertEquals(TreeText.of(TreeText.plain(layer)), TreeText.of(TreeText.plain(again)));
    assertArrayEquals(written, write(Long.MAX_VALUE));
  }

  /** A capability set as the kernel stores it: cap_net_raw, permitted and effective. */
  private static byte[] capability() {
    byte[] value = new byte[20];
    value[0] = 1;
    value[3] = 2;
    value[5] = 0x20;
    return value;
  }

  private static void file(Path path, String content) throws IOException {
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(path, content);
  }

  private List<String> names() throws IOException {
    return entries(write(Long.MAX_VALUE)).stream().map(TarEntry::name).toList();
  }

  private byte[] write(long newest) throws IOException {
    FileTree lower =
        new MergedTree(
            List.of(new MergedTree.Layer(new LayerId("b"), below)),
            KERNEL,
            WHITEOUTS,
            FileDigests.uncached());
    var out = new ByteArrayOutputStream();
    tar.write(layer, lower, newest, out);
    return out.toByteArray();
  }

  private static List<TarEntry> entries(byte[] bytes) throws IOException {
    var entries = new ArrayList<TarEntry>();
    var reader = new TarReader(new ByteArrayInputStream(bytes));
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      entries.add(entry);
    }
    return entries;
  }
}
