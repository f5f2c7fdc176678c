package dev.jbuild.filetree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.FileAction;
import dev.jbuild.oci.Bytes;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.TreeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A base, a source and a layer on top of the base, in directories that tests fill. */
final class FileActionsRig {
  static final long NOW_NANOS = 1_700_000_000_000_000_000L;

  final Kernel kernel = new LibcKernel();
  final Path base;
  final Path source;
  final Path layer;

  FileActionsRig(Path root) throws IOException {
    base = Files.createDirectories(root.resolve("base/fs"));
    source = Files.createDirectories(root.resolve("source/fs"));
    layer = Files.createDirectories(root.resolve("layer/fs"));
  }

  /** The merged result of the changes as {@link TreeText}. */
  String after(FileAction.Change... changes) throws IOException {
    return TreeText.of(tree(changes));
  }

  FileTree tree(FileAction.Change... changes) throws IOException {
    var actions = actions();
    for (FileAction.Change change : changes) {
      actions.apply(change, new CopySource(tree("source", source), "the build context", ""));
    }
    actions.finish();
    var merged = merged();
    assertEquals(TreeText.withTimes(merged), TreeText.withTimes(actions.result()));
    return merged;
  }

  FileActions actions() {
    var clock = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);
    var onBase = tree("base", base);
    return new FileActions(layer, onBase, kernel, new TreeAccounts(input -> onBase), clock);
  }

  MergedTree merged() {
    return new MergedTree(
        List.of(
            new MergedTree.Layer(new LayerId("base"), base),
            new MergedTree.Layer(new LayerId("layer"), layer)),
        kernel,
        new OverlayWhiteouts(kernel),
        FileDigests.uncached());
  }

  MergedTree tree(String id, Path directory) {
    return new MergedTree(
        List.of(new MergedTree.Layer(new LayerId(id), directory)),
        kernel,
        new OverlayWhiteouts(kernel),
        FileDigests.uncached());
  }

  /** Of a path that is there. */
  static FileStat stat(FileTree tree, String path) throws IOException {
    var node = tree.lookup(path);
    if (node == null) {
      throw new AssertionError("nothing at " + path);
    }
    return node.stat();
  }

  static void write(Path root, String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  /** What the Dockerfile's COPY asks for. */
  static FileAction.Copy copy(String src, String dest) {
    return copy(src, dest, options -> options);
  }

  static FileAction.Copy copy(String src, String dest, UnaryOperator<Options> change) {
    Options o =
        change.apply(
            new Options(null, -1, "", true, true, true, false, -1, List.of(), List.of(), false));
    return new FileAction.Copy(
        src,
        dest,
        o.owner,
        o.mode,
        o.follow,
        o.contents,
        o.unpack,
        o.createDest,
        true,
        false,
        o.timestamp,
        o.includes,
        o.excludes,
        o.replace,
        o.modeText,
        List.of());
  }

  static FileAction.MakeFile file(String path, String content) {
    return new FileAction.MakeFile(path, 0644, Bytes.utf8(content), null, -1);
  }

  static FileAction.MakeDirectory directory(String path, boolean parents) {
    return new FileAction.MakeDirectory(path, 0755, parents, null, -1);
  }

  /** The options of a copy. */
  record Options(
      FileAction.@Nullable Owner owner,
      int mode,
      String modeText,
      boolean follow,
      boolean contents,
      boolean createDest,
      boolean unpack,
      long timestamp,
      List<String> includes,
      List<String> excludes,
      boolean replace) {

    Options ownedBy(FileAction.Owner by) {
      return new Options(
          by,
          mode,
          modeText,
          follow,
          contents,
          createDest,
          unpack,
          timestamp,
          includes,
          excludes,
          replace);
    }

    Options withMode(int value, String text) {
      return new Options(
          owner,
          value,
          text,
          follow,
          contents,
          createDest,
          unpack,
          timestamp,
          includes,
          excludes,
          replace);
    }

    Options asWhole() {
      return new Options(
          owner,
          mode,
          modeText,
          follow,
          false,
          createDest,
          unpack,
          timestamp,
          includes,
          excludes,
          replace);
    }

    Options intoExisting() {
      return new Options(
          owner, mode, modeText, follow, contents, false, unpack, timestamp, includes, excludes,
          replace);
    }

    Options keepingLinks() {
      return new Options(
          owner,
          mode,
          modeText,
          false,
          contents,
          createDest,
          unpack,
          timestamp,
          includes,
          excludes,
          replace);
    }

    Options unpacking() {
      return new Options(
          owner,
          mode,
          modeText,
          follow,
          contents,
          createDest,
          true,
          timestamp,
          includes,
          excludes,
          replace);
    }

    Options at(long nanos) {
      return new Options(
          owner,
          mode,
          modeText,
          follow,
          contents,
          createDest,
          unpack,
          nanos,
          includes,
          excludes,
          replace);
    }

    Options only(List<String> included, List<String> excluded) {
      return new Options(
          owner,
          mode,
          modeText,
          follow,
          contents,
          createDest,
          unpack,
          timestamp,
          included,
          excluded,
          replace);
    }

    Options replacing() {
      return new Options(
          owner,
          mode,
          modeText,
          follow,
          contents,
          createDest,
          unpack,
          timestamp,
          includes,
          excludes,
          true);
    }
  }
}
