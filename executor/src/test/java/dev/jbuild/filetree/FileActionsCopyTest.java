package dev.jbuild.filetree;

import static dev.jbuild.filetree.FileActionsRig.copy;
import static dev.jbuild.filetree.FileActionsRig.stat;
import static dev.jbuild.filetree.FileActionsRig.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LinkedInodes;
import dev.jbuild.snapshot.TreeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of reference/wire-llb.md, section 4, for copies. Owners need root. */
@Tag("root")
final class FileActionsCopyTest {
  private FileActionsRig rig;

  FileActionsCopyTest(@TempDir Path root) throws IOException {
    rig = new FileActionsRig(root);
  }

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue(rig.kernel.effectiveUserId() == 0, "changing owners needs root");
  }

  @Test
  void fileGoesToItsNewName() throws IOException {
    write(rig.source, "a", "1");
    assertEquals("d0755 0:0 d\n-0644 0:0 d/b = 1", rig.after(copy("/a", "/d/b")));
  }

  @Test
  void fileGoesIntoADirectoryNamedWithASlash() throws IOException {
    write(rig.source, "x/a", "1");
    assertEquals("d0755 0:0 d\n-0644 0:0 d/a = 1", rig.after(copy("x/a", "/d/")));
  }

  @Test
  void fileGoesIntoADirectoryThatExists() throws IOException {
    write(rig.base, "d/old", "0");
    write(rig.source, "a", "1");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/a = 1\n-0644 0:0 d/old = 0", rig.after(copy("/a", "/d")));
  }

  @Test
  void contentsOfADirectoryAreMerged() throws IOException {
    write(rig.base, "d/old", "0");
    write(rig.source, "s/sub/a", "1");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/old = 0\nd0755 0:0 d/sub\n-0644 0:0 d/sub/a = 1",
        rig.after(copy("/s", "/d")));
  }

  @Test
  void wholeDirectoryGoesIntoOneThatExists() throws IOException {
    write(rig.base, "d/old", "0");
    write(rig.source, "s/a", "1");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/old = 0\nd0755 0:0 d/s\n-0644 0:0 d/s/a = 1",
        rig.after(copy("/s", "/d", o -> o.asWhole())));
  }

  @Test
  void wholeDirectoryTakesTheNameOfOneThatDoesNotExist() throws IOException {
    write(rig.source, "s/a", "1");
    rig.kernel.changeMode(rig.source.resolve("s"), 0700);
    assertEquals("d0700 0:0 d\n-0644 0:0 d/a = 1", rig.after(copy("/s", "/d", o -> o.asWhole())));
  }

  /** fsutil, copy/copy.go: only the directory that is named keeps what it has. */
  @Test
  void directoriesBelowTheDestinationBecomeAsInTheSource() throws IOException {
    write(rig.base, "d/sub/old", "0");
    write(rig.base, "d/same/old", "0");
    rig.kernel.changeMode(rig.base.resolve("d"), 0701);
    rig.kernel.changeMode(rig.base.resolve("d/sub"), 0711);
    rig.kernel.changeOwner(rig.base.resolve("d/sub"), 7, 8);
    write(rig.source, "sub/a", "1");
    Files.createDirectory(rig.source.resolve("same"));
    rig.kernel.changeMode(rig.source.resolve("sub"), 0750);
    rig.kernel.changeTimes(rig.source.resolve("sub"), 5, 1_000_000_005L);
    FileTree tree = rig.tree(copy("/", "/d"));
    assertEquals(
        """
        d0701 0:0 d
        d0755 0:0 d/same
        -0644 0:0 d/same/old = 0
        d0750 0:0 d/sub
        -0644 0:0 d/sub/a = 1
        -0644 0:0 d/sub/old = 0""",
        TreeText.of(tree));
    assertEquals(1_000_000_005L, stat(tree, "d/sub").modifiedNanos());
    assertFalse(Files.exists(rig.layer.resolve("d/same")), "nothing about it changed");
  }

  @Test
  void destinationOfADirectorysContentTakesItsTime() throws IOException {
    write(rig.source, "s/a", "1");
    rig.kernel.changeMode(rig.source.resolve("s"), 0700);
    rig.kernel.changeTimes(rig.source.resolve("s"), 5, 1_000_000_005L);
    FileTree tree = rig.tree(copy("/s", "/new/d"));
    assertEquals("d0755 0:0 new\nd0755 0:0 new/d\n-0644 0:0 new/d/a = 1", TreeText.of(tree));
    assertEquals(1_000_000_005L, stat(tree, "new/d").modifiedNanos());
  }

  @Test
  void directoryOnTheWayToWhatIsSelectedTakesTheModeAlone() throws IOException {
    write(rig.base, "d/sub/old", "0");
    rig.kernel.changeOwner(rig.base.resolve("d/sub"), 7, 8);
    write(rig.source, "sub/a", "1");
    write(rig.source, "sub/b", "2");
    rig.kernel.changeMode(rig.source.resolve("sub"), 0750);
    assertEquals(
        "d0755 0:0 d\nd0750 7:8 d/sub\n-0644 0:0 d/sub/a = 1\n-0644 0:0 d/sub/old = 0",
        rig.after(copy("/", "/d", o -> o.only(List.of("sub/a"), List.of()))));
  }

  @Test
  void ownerAppliesToAllThatIsMade() throws IOException {
    write(rig.source, "s/a", "1");
    Files.createSymbolicLink(rig.source.resolve("s/l"), Path.of("a"));
    var owner = new FileAction.Owner(new FileAction.ById(5), new FileAction.ById(6));
    assertEquals(
        "d0755 5:6 d\nd0755 5:6 d/e\n-0644 5:6 d/e/a = 1\nl0777 5:6 d/e/l -> a",
        rig.after(copy("/s", "/d/e", o -> o.ownedBy(owner))));
  }

  @Test
  void ownerByNameIsLookedUpInTheImage() throws IOException {
    write(rig.base, "etc/passwd", "root:x:0:0::/:\nbob:x:41:42:Bob:/home/bob:/bin/sh\n");
    write(rig.base, "etc/group", "wheel:x:10:\n");
    write(rig.source, "a", "1");
    var bob = new FileAction.ByName("bob", 0);
    rig.tree(
        copy("/a", "/a", o -> o.ownedBy(new FileAction.Owner(bob, null))),
        copy(
            "/a",
            "/b",
            o -> o.ownedBy(new FileAction.Owner(bob, new FileAction.ByName("wheel", 0)))));
    assertEquals("-0644 41:42 a = 1\n-0644 41:10 b = 1", TreeText.of(TreeText.plain(rig.layer)));
  }

  @Test
  void unknownUserIsNamed() throws IOException {
    write(rig.source, "a", "1");
    var owner = new FileAction.Owner(new FileAction.ByName("bob", 0), null);
    var e =
        assertThrows(
            BuildException.class, () -> rig.after(copy("/a", "/a", o -> o.ownedBy(owner))));
    assertEquals(Code.NOT_FOUND, e.code());
    assertEquals(
        "user 'bob' is not in /etc/passwd of the image; use a number or create it", e.message());
  }

  @Test
  void modeAppliesToFilesAndDirectories() throws IOException {
    write(rig.source, "s/sub/a", "1");
    assertEquals(
        "d0750 0:0 d\nd0750 0:0 d/sub\n-0750 0:0 d/sub/a = 1",
        rig.after(copy("/s", "/d", o -> o.withMode(0750, ""))));
  }

  @Test
  void symbolicModeChangesWhatIsThere() throws IOException {
    write(rig.source, "s/sub/a", "1");
    assertEquals(
        "d0755 0:0 d\nd0700 0:0 d/sub\n-0600 0:0 d/sub/a = 1",
        rig.after(copy("/s", "/d", o -> o.withMode(-1, "u=rwX,go="))));
  }

  @Test
  void metadataOfTheSourceIsKept() throws IOException {
    write(rig.source, "a", "1");
    Path file = rig.source.resolve("a");
    rig.kernel.changeOwner(file, 3, 4);
    rig.kernel.setAttribute(file, "user.note", new byte[] {1, 0});
    rig.kernel.changeMode(file, 04755);
    rig.kernel.changeTimes(file, 5, 1_000_000_005L);
    assertEquals(
        "-4755 3:4 b = 1 user.note=0100 @1000000005",
        TreeText.withTimes(rig.tree(copy("/a", "/b"))));
  }

  @Test
  void timestampReplacesTheTimeOfAllThatIsMade() throws IOException {
    write(rig.source, "a", "1");
    var tree = rig.tree(copy("/a", "/new/b", o -> o.at(42_000_000_000L)));
    assertEquals(42_000_000_000L, stat(tree, "new").modifiedNanos());
    assertEquals(42_000_000_000L, stat(tree, "new/b").modifiedNanos());
  }

  @Test
  void directoryThatIsWrittenIntoKeepsItsTime() throws IOException {
    write(rig.base, "d/old", "0");
    rig.kernel.changeTimes(rig.base.resolve("d"), 9, 9_000_000_000L);
    write(rig.source, "a", "1");
    var tree = rig.tree(copy("/a", "/d/a"));
    assertEquals(9_000_000_000L, stat(tree, "d").modifiedNanos());
  }

  @Test
  void symbolicLinkIsFollowedInsideTheSource() throws IOException {
    write(rig.source, "real/a", "1");
    Files.createSymbolicLink(rig.source.resolve("link"), Path.of("/../real/a"));
    assertEquals("d0755 0:0 d\n-0644 0:0 d/link = 1", rig.after(copy("/link", "/d/")));
  }

  @Test
  void symbolicLinkStaysOneWhenNotFollowed() throws IOException {
    Files.createSymbolicLink(rig.source.resolve("link"), Path.of("/etc/shadow"));
    assertEquals(
        "l0777 0:0 l -> /etc/shadow", rig.after(copy("/link", "/l", o -> o.keepingLinks())));
  }

  @Test
  void linkInTheDestinationCannotLeadOutside(@TempDir Path outside) throws IOException {
    Files.createSymbolicLink(rig.base.resolve("d"), outside);
    write(rig.source, "a", "1");
    rig.tree(copy("/a", "/d/"));
    try (var left = Files.list(outside)) {
      assertEquals(0, left.count());
    }
    assertEquals("1", Files.readString(rig.layer.resolve(outside.toString().substring(1) + "/a")));
  }

  @Test
  void wildcardCopiesEachMatchUnderItsName() throws IOException {
    write(rig.source, "src/a.go", "1");
    write(rig.source, "src/b.go", "2");
    write(rig.source, "src/c.txt", "3");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/a.go = 1\n-0644 0:0 d/b.go = 2",
        rig.after(copy("/s*c/*.go", "/d/")));
  }

  @Test
  void backslashIsPartOfANameWhereThereIsNoWildcard() throws IOException {
    write(rig.source, "a\\b", "1");
    write(rig.source, "c\\*", "2");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/a\\b = 1\n-0644 0:0 d/c\\* = 2",
        rig.after(copy("/a\\b", "/d/"), copy("/c\\*", "/d/")));
  }

  @Test
  void patternsSelectAndParentsAreMadeOnlyForMatches() throws IOException {
    write(rig.source, "s/keep/a.go", "1");
    write(rig.source, "s/keep/a_test.go", "2");
    write(rig.source, "s/empty/b.txt", "3");
    assertEquals(
        "d0755 0:0 d\nd0755 0:0 d/keep\n-0644 0:0 d/keep/a.go = 1",
        rig.after(copy("/s", "/d", o -> o.only(List.of("**/*.go"), List.of("**/*_test.go")))));
  }

  @Test
  void excludedNameOfASingleFileIsNotCopied() throws IOException {
    write(rig.source, "a.txt", "1");
    write(rig.source, "a.go", "2");
    assertEquals(
        "d0755 0:0 d\n-0644 0:0 d/a.go = 2",
        rig.after(copy("/a*", "/d/", o -> o.only(List.of(), List.of("*.txt")))));
  }

  @Test
  void hardLinksOfTheSourceStayLinks() throws IOException {
    write(rig.source, "s/a", "1");
    Files.createLink(rig.source.resolve("s/b"), rig.source.resolve("s/a"));
    var tree = rig.tree(copy("/s", "/d"));
    assertEquals(stat(tree, "d/a").inode(), stat(tree, "d/b").inode());
  }

  @Test
  void unchangedFileIsLinkedToItsSource() throws IOException {
    write(rig.source, "a", "1");
    var stat = stat(rig.tree(copy("/a", "/a")), "a");
    assertEquals(rig.kernel.stat(rig.source.resolve("a")).inode(), stat.inode());
    assertEquals(true, LinkedInodes.read(rig.layer).contains(stat.inode()));
  }

  @Test
  void sameSourceIsLinkedOnceInAStack() throws IOException {
    write(rig.source, "a", "1");
    LinkedInodes.write(rig.base, List.of(rig.kernel.stat(rig.source.resolve("a")).inode()));
    var stat = stat(rig.tree(copy("/a", "/a")), "a");
    assertNotEquals(rig.kernel.stat(rig.source.resolve("a")).inode(), stat.inode());
  }

  @Test
  void twoCopiesOfOneFileAreTwoFiles() throws IOException {
    write(rig.source, "a", "1");
    var tree = rig.tree(copy("/a", "/a"), copy("/a", "/b"));
    assertNotEquals(stat(tree, "a").inode(), stat(tree, "b").inode());
  }

  @Test
  void devicesAndFifosAreCopied() throws IOException {
    rig.kernel.makeNode(rig.source.resolve("null"), FileStat.CHARACTER | 0666, 1, 3);
    rig.kernel.changeMode(rig.source.resolve("null"), 0666);
    rig.kernel.makeNode(rig.source.resolve("pipe"), FileStat.FIFO | 0600, 0, 0);
    assertEquals("c0666 0:0 null 1:3\np0600 0:0 pipe 0:0", rig.after(copy("/", "/")));
  }

  @Test
  void fileReplacesAFileAndAWhiteout() throws IOException {
    write(rig.base, "a", "old");
    write(rig.source, "a", "new");
    var remove = new FileAction.Remove("/a", false, false);
    assertEquals("-0644 0:0 a = new", rig.after(remove, copy("/a", "/a")));
  }

  @Test
  void missingSourceIsNamedWithItsNearest() throws IOException {
    write(rig.source, "src/main.go", "1");
    var e = assertThrows(BuildException.class, () -> rig.after(copy("/src/mian.go", "/a")));
    assertEquals(Code.NOT_FOUND, e.code());
    assertEquals(
        "\"/src/mian.go\" not found in the build context, did you mean \"/src/main.go\"?",
        e.message());
  }

  @Test
  void missingSourceComesWithTheHint() {
    var source = new CopySource(rig.tree("source", rig.source), "stage 'a'", "hint");
    var e =
        assertThrows(
            BuildException.class, () -> rig.actions().apply(copy("/nofile", "/a"), source));
    assertEquals("\"/nofile\" not found in stage 'a'; hint", e.message());
  }

  @Test
  void wildcardWithoutMatchIsNotFound() {
    var e = assertThrows(BuildException.class, () -> rig.after(copy("/*.go", "/a/")));
    assertEquals("\"/*.go\" not found in the build context", e.message());
  }

  @Test
  void destinationMustExistUnlessItMayBeMade() throws IOException {
    write(rig.source, "a", "1");
    var e =
        assertThrows(
            BuildException.class, () -> rig.after(copy("/a", "/d/a", o -> o.intoExisting())));
    assertEquals("copy to /d/a: the directory /d does not exist", e.message());
  }

  @Test
  void directoryDoesNotReplaceAFileUnlessAsked() throws IOException {
    write(rig.base, "d/sub", "file");
    write(rig.source, "sub/a", "1");
    var e = assertThrows(BuildException.class, () -> rig.after(copy("/", "/d")));
    assertEquals(
        "copy directory /sub to /d/sub: something that is not a directory is there", e.message());
    assertEquals(
        "d0755 0:0 d\nd0755 0:0 d/sub\n-0644 0:0 d/sub/a = 1",
        rig.after(copy("/", "/d", o -> o.replacing())));
  }

  @Test
  void fileDoesNotReplaceADirectoryUnlessAsked() throws IOException {
    write(rig.base, "d/a/x", "old");
    write(rig.source, "a", "1");
    var e = assertThrows(BuildException.class, () -> rig.after(copy("/", "/d")));
    assertEquals("copy file /a to /d/a: a directory is there", e.message());
    assertEquals("d0755 0:0 d\n-0644 0:0 d/a = 1", rig.after(copy("/", "/d", o -> o.replacing())));
  }
}
