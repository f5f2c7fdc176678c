package dev.jbuild.filetree;

import static dev.jbuild.filetree.FileActionsRig.copy;
import static dev.jbuild.filetree.FileActionsRig.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.FileAction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADD of local archives, written by another tar writer than ours. */
@Tag("root")
final class FileActionsUnpackTest {
  private final FileActionsRig rig;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar =
      new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name());

  FileActionsUnpackTest(@TempDir Path root) throws IOException {
    rig = new FileActionsRig(root);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue(rig.kernel.effectiveUserId() == 0, "changing owners needs root");
  }

  @Test
  void compressedArchiveIsUnpackedIntoTheDestination() throws IOException {
    write(rig.base, "opt/d/old", "0");
    add("d/new", TarConstants.LF_NORMAL, "1", "");
    add("d/link", TarConstants.LF_SYMLINK, "", "/etc/passwd");
    store("a.tgz", true);
    assertEquals(
        """
        d0755 0:0 opt
        d0755 0:0 opt/d
        l0777 3:4 opt/d/link -> /etc/passwd
        -0644 3:4 opt/d/new = 1
        -0644 0:0 opt/d/old = 0""",
        rig.after(add("/a.tgz", "/opt/")));
  }

  @Test
  void directoryOfALowerLayerBecomesAsTheArchiveSays() throws IOException {
    write(rig.base, "etc/conf/old", "0");
    rig.kernel.changeMode(rig.base.resolve("etc/conf"), 0700);
    add("conf/", TarConstants.LF_DIR, "", "");
    add("conf/new", TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    assertEquals(
        """
        d0755 0:0 etc
        d0644 3:4 etc/conf
        -0644 3:4 etc/conf/new = 1
        -0644 0:0 etc/conf/old = 0""",
        rig.after(add("/a.tar", "/etc/")));
  }

  @Test
  void archiveThatBeginsWithAnExtendedHeaderIsOne() throws IOException {
    add("n".repeat(120), TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    assertEquals(
        "d0755 0:0 d\n-0644 3:4 d/" + "n".repeat(120) + " = 1", rig.after(add("/a.tar", "/d/")));
  }

  @Test
  void ownerReplacesThoseOfTheArchive() throws IOException {
    add("f", TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    var owner = new FileAction.Owner(new FileAction.ById(7), new FileAction.ById(8));
    assertEquals(
        "d0755 7:8 d\n-0644 7:8 d/f = 1",
        rig.after(copy("/a.tar", "/d/", o -> o.unpacking().ownedBy(owner))));
  }

  @Test
  void fileThatIsNoArchiveIsCopied() throws IOException {
    write(rig.source, "a.tar.gz", "not a tar");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/a.tar.gz = not a tar", rig.after(add("/a.tar.gz", "/d/")));
  }

  @Test
  void namesMeanWhatTheySay() throws IOException {
    add(".wh.f", TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    assertEquals("-0644 3:4 .wh.f = 1", rig.after(add("/a.tar", "/")));
  }

  @Test
  void nameThatClimbsOutIsRefused() throws IOException {
    add("d/../../evil", TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    assertEquals(
        "unpack /a.tar of the build context:"
            + " tar entry 'd/../../evil': 'd/../../evil' leads out of the directory",
        refusal());
  }

  @Test
  void hardLinkOutOfTheArchiveIsRefused() throws IOException {
    add("f", TarConstants.LF_LINK, "", "/etc/shadow");
    store("a.tar", false);
    assertEquals(
        "unpack /a.tar of the build context:"
            + " tar entry 'f': hard link to '/etc/shadow', which is no file of this archive",
        refusal());
  }

  @Test
  void linkInTheArchiveCannotRedirectOutside(@TempDir Path outside) throws IOException {
    add("out", TarConstants.LF_SYMLINK, "", outside.toString());
    add("out/evil", TarConstants.LF_NORMAL, "1", "");
    store("a.tar", false);
    rig.tree(add("/a.tar", "/d/"));
    try (var files = Files.list(outside)) {
      assertEquals(0, files.count());
    }
    String inside = "d/" + outside.toString().substring(1) + "/evil";
    assertEquals("1", Files.readString(rig.layer.resolve(inside)));
  }

  @Test
  void truncatedArchiveNamesItsEntry() throws IOException {
    add("big", TarConstants.LF_NORMAL, "x".repeat(5000), "");
    tar.close();
    Files.write(rig.source.resolve("a.tar"), Arrays.copyOf(bytes.toByteArray(), 2000));
    assertEquals(
        "unpack /a.tar of the build context: tar stream ends in the middle of entry 'big'",
        refusal());
  }

  private String refusal() {
    var e = assertThrows(BuildException.class, () -> rig.after(add("/a.tar", "/d/")));
    assertEquals(Code.INVALID, e.code());
    return e.message();
  }

  private static FileAction.Copy add(String src, String dest) {
    return copy(src, dest, o -> o.unpacking());
  }

  private void add(String name, byte type, String content, String link) throws IOException {
    var entry = new TarArchiveEntry(name, type, true);
    byte[] data = content.getBytes(StandardCharsets.UTF_8);
    entry.setSize(data.length);
    entry.setMode(0644);
    entry.setIds(3, 4);
    entry.setLinkName(link);
    entry.setModTime(1_600_000_000_000L);
    tar.putArchiveEntry(entry);
    tar.write(data);
    tar.closeArchiveEntry();
  }

  private void store(String name, boolean compressed) throws IOException {
    tar.close();
    try (OutputStream file = Files.newOutputStream(rig.source.resolve(name));
        OutputStream out = compressed ? new GZIPOutputStream(file) : file) {
      out.write(bytes.toByteArray());
    }
  }
}
