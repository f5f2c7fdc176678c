package dev.jbuild.filetree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.FileAction;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.RandomTree;
import dev.jbuild.snapshot.TreeCopy;
import dev.jbuild.snapshot.TreeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class ContentHasherTest {
  private static final int ROUNDS = 20;

  @TempDir private Path directory;
  private final Kernel kernel = new LibcKernel();

  private MergedTree tree(Path... layers) {
    var stack = new ArrayList<MergedTree.Layer>();
    for (Path layer : layers) {
      stack.add(new MergedTree.Layer(new LayerId("l" + stack.size()), layer));
    }
    return new MergedTree(stack, kernel, new OverlayWhiteouts(kernel), FileDigests.uncached());
  }

  private static Digest hash(FileTree tree) throws IOException {
    return new ContentHasher(tree).of("/");
  }

  /** Trees are equal as text exactly when they are equal as digests, however they came about. */
  @Test
  void digestsTellTheSameTreesApartAsTheirTextsDo() throws IOException {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Path at = directory.resolve("round" + seed);
      Path plain = Files.createDirectories(at.resolve("plain"));
      Path base = Files.createDirectories(at.resolve("base"));
      Path above = Files.createDirectories(at.resolve("above"));
      var random = new RandomTree(seed);
      for (RandomTree.Change change : random.mutate(plain, 12)) {
        RandomTree.apply(change, base);
      }
      var editor = tree(base).edit(above);
      for (RandomTree.Change change : random.mutate(plain, 12)) {
        RandomTree.apply(change, editor);
      }
      editor.finish();
      FileTree one = TreeText.plain(plain);
      FileTree two = tree(base, above);
      assertEquals(TreeText.of(one), TreeText.of(two), "seed " + seed);
      assertEquals(hash(one), hash(two), "seed " + seed);
      String before = TreeText.of(one);
      Digest digest = hash(one);
      random.mutate(plain, 1);
      FileTree changed = TreeText.plain(plain);
      boolean same = TreeText.of(changed).equals(before);
      assertEquals(same, hash(changed).equals(digest), "seed " + seed);
    }
  }

  /** What makes one tree of another makes the same tree, whatever the two are. */
  @Test
  void aComparisonOnTopOfTheFirstTreeGivesTheSecond() throws IOException {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Path at = directory.resolve("round" + seed);
      Path before = Files.createDirectories(at.resolve("before"));
      Path after = Files.createDirectories(at.resolve("after"));
      Path layer = Files.createDirectories(at.resolve("layer"));
      var random = new RandomTree(seed);
      random.mutate(before, 15);
      if (seed % 2 == 0) {
        new TreeCopy(tree(before), kernel).copy(tree(before).root(), at.resolve("copy"));
        after = at.resolve("copy");
        random.mutate(after, 5);
      } else {
        random.mutate(after, 15);
      }
      new TreeComparison(tree(before), TreeText.plain(after), kernel).write(layer);
      assertEquals(
          TreeText.withTimes(TreeText.plain(after)),
          TreeText.withTimes(tree(before, layer)),
          "seed " + seed);
    }
  }

  private Digest copied(Path root, int mode, String modeText, FileAction.Owner owner)
      throws IOException {
    var copy =
        new FileAction.Copy(
            "/", "/", owner, mode, false, true, false, true, false, false, -1, List.of(), List.of(),
            false, modeText, List.of());
    return new ContentHasher(tree(root)).of(copy);
  }

  @Test
  void whatACopyReplacesDoesNotCount() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Path file = Files.writeString(root.resolve("file"), "text");
    var owner = new FileAction.Owner(new FileAction.ById(5), null);
    var nobody = new FileAction.Owner(null, null);
    kernel.changeMode(file, 0600);
    Digest plain = copied(root, -1, "", nobody);
    Digest octal = copied(root, 0644, "", nobody);
    Digest symbolic = copied(root, -1, "u+x", nobody);
    Digest owned = copied(root, -1, "", owner);
    kernel.changeMode(file, 0640);
    assertNotEquals(plain, copied(root, -1, "", nobody));
    assertNotEquals(symbolic, copied(root, -1, "u+x", nobody));
    assertEquals(octal, copied(root, 0644, "", nobody));
    kernel.changeMode(file, 0600);
    kernel.changeOwner(file, 9, 9);
    assertNotEquals(plain, copied(root, -1, "", nobody));
    assertEquals(owned, copied(root, -1, "", owner));
  }
}
