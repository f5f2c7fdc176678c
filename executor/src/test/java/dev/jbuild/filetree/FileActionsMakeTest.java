package dev.jbuild.filetree;

import static dev.jbuild.filetree.FileActionsRig.directory;
import static dev.jbuild.filetree.FileActionsRig.file;
import static dev.jbuild.filetree.FileActionsRig.stat;
import static dev.jbuild.filetree.FileActionsRig.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.TreeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules for what is made and removed. Whiteouts need root. */
@Tag("root")
final class FileActionsMakeTest {
  private final FileActionsRig rig;

  FileActionsMakeTest(@TempDir Path root) throws IOException {
    rig = new FileActionsRig(root);
  }

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue(rig.kernel.effectiveUserId() == 0, "making whiteouts needs root");
  }

  @Test
  void filesAndDirectoriesAreMadeNow() throws IOException {
    var tree = rig.tree(directory("/d/e", true), file("/d/e/f", "1"));
    assertEquals("d0755 0:0 d\nd0755 0:0 d/e\n-0644 0:0 d/e/f = 1", TreeText.of(tree));
    for (String path : new String[] {"d", "d/e", "d/e/f"}) {
      assertEquals(FileActionsRig.NOW_NANOS, stat(tree, path).modifiedNanos());
    }
  }

  @Test
  void directoryThatExistsStaysAsItIs() throws IOException {
    write(rig.base, "d/f", "1");
    rig.kernel.changeMode(rig.base.resolve("d"), 01777);
    assertEquals("d1777 0:0 d\n-0644 0:0 d/f = 1", rig.after(directory("/d", false)));
    assertEquals("", TreeText.of(TreeText.plain(rig.layer)));
  }

  @Test
  void directoryNeedsItsParent() {
    var e = assertThrows(BuildException.class, () -> rig.after(directory("/a/b", false)));
    assertEquals("make /a/b: the directory /a does not exist", e.message());
  }

  @Test
  void directoryOverAFileIsRefused() throws IOException {
    write(rig.base, "f", "1");
    var e = assertThrows(BuildException.class, () -> rig.after(directory("/f/d", true)));
    assertEquals("make directory /f/d: /f is there and is not a directory", e.message());
  }

  @Test
  void fileFollowsLinksInsideTheRoot() throws IOException {
    write(rig.base, "etc/real", "0");
    Files.createSymbolicLink(rig.base.resolve("link"), Path.of("../../etc/real"));
    assertEquals(
        "d0755 0:0 etc\n-0644 0:0 etc/real = 1\nl0777 0:0 link -> ../../etc/real",
        rig.after(file("/link", "1")));
  }

  @Test
  void linkLoopIsAnError() throws IOException {
    Files.createSymbolicLink(rig.base.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(rig.base.resolve("b"), Path.of("a"));
    var e = assertThrows(BuildException.class, () -> rig.after(file("/a", "1")));
    assertEquals("/a: too many symbolic links, the last one is /b", e.message());
  }

  @Test
  void removeHidesWhatIsBelow() throws IOException {
    write(rig.base, "d/f", "1");
    write(rig.base, "g", "1");
    assertEquals("-0644 0:0 g = 1", rig.after(new FileAction.Remove("/d", false, false)));
    assertEquals("c0000 0:0 d 0:0", TreeText.of(TreeText.plain(rig.layer)));
  }

  @Test
  void removedAndMadeAgainIsEmpty() throws IOException {
    write(rig.base, "d/f", "1");
    assertEquals(
        "d0755 0:0 d",
        rig.after(new FileAction.Remove("/d", false, false), directory("/d", false)));
  }

  @Test
  void removeOfALinkLeavesItsTarget() throws IOException {
    write(rig.base, "f", "1");
    Files.createSymbolicLink(rig.base.resolve("l"), Path.of("f"));
    assertEquals("-0644 0:0 f = 1", rig.after(new FileAction.Remove("/l", false, false)));
  }

  @Test
  void removeTakesWildcards() throws IOException {
    write(rig.base, "a/x.o", "1");
    write(rig.base, "b/x.o", "1");
    write(rig.base, "b/x.c", "1");
    assertEquals(
        "d0755 0:0 a\nd0755 0:0 b\n-0644 0:0 b/x.c = 1",
        rig.after(new FileAction.Remove("/?/*.o", false, true)));
  }

  @Test
  void removeOfNothingIsAnErrorUnlessAllowed() throws IOException {
    var e =
        assertThrows(
            BuildException.class, () -> rig.after(new FileAction.Remove("/x", false, false)));
    assertEquals("remove /x: nothing is there", e.message());
    assertEquals("", rig.after(new FileAction.Remove("/x", true, false)));
  }

  @Test
  void symbolicLinkKeepsItsText() throws IOException {
    assertEquals(
        "l0777 0:0 l -> ../x/./y", rig.after(new FileAction.Symlink("../x/./y", "/l", null, -1)));
  }

  @Test
  void symbolicLinkReplacesNothing() throws IOException {
    write(rig.base, "l", "1");
    var e =
        assertThrows(
            BuildException.class, () -> rig.after(new FileAction.Symlink("x", "/l", null, -1)));
    assertEquals("make link /l: something is there already", e.message());
  }
}
