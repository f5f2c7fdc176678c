package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Draws trees as text, one line for each path, so that they can be compared and read. */
public final class TreeText {
  private static final Kernel KERNEL = new LibcKernel();

  private TreeText() {}

  /** A directory as it is: a device 0:0 in it is just that. */
  public static FileTree plain(Path directory) {
    return new MergedTree(
        List.of(new MergedTree.Layer(new LayerId("plain"), directory)),
        KERNEL,
        new NoWhiteouts(),
        FileDigests.uncached());
  }

  /** All but the root: {@code d0755 0:0 path}, for files with size and content. */
  public static String of(FileTree tree) throws IOException {
    return of(tree, false);
  }

  /** The same with the times of all but directories, in whole nanoseconds. */
  public static String withTimes(FileTree tree) throws IOException {
    return of(tree, true);
  }

  private static String of(FileTree tree, boolean times) throws IOException {
    var lines = new ArrayList<String>();
    add(tree, tree.root(), times, lines);
    return String.join("\n", lines);
  }

  private static void add(FileTree tree, FileNode directory, boolean times, List<String> lines)
      throws IOException {
    for (FileNode node : tree.list(directory)) {
      lines.add(line(tree, node, times));
      if (node.isDirectory()) {
        add(tree, node, times, lines);
      }
    }
  }

  private static String line(FileTree tree, FileNode node, boolean times) throws IOException {
    FileStat stat = node.stat();
    var text = new StringBuilder();
    text.append(type(stat)).append(String.format("%04o", stat.permissions()));
    text.append(' ').append(stat.uid()).append(':').append(stat.gid());
    text.append(' ').append(node.path());
    if (stat.isRegular()) {
      byte[] content = Files.readAllBytes(node.file());
      text.append(" = ").append(new String(content, StandardCharsets.UTF_8));
    } else if (stat.isSymlink()) {
      text.append(" -> ").append(node.linkTarget());
    } else if (!stat.isDirectory()) {
      text.append(' ').append(stat.deviceMajor()).append(':').append(stat.deviceMinor());
    }
    tree.attributes(node)
        .forEach(
            (name, value) ->
                text.append(' ').append(name).append('=').append(HexFormat.of().formatHex(value)));
    if (times && !stat.isDirectory()) {
      text.append(" @").append(stat.modifiedNanos());
    }
    return text.toString();
  }

  private static char type(FileStat stat) {
    return switch (stat.type()) {
      case FileStat.REGULAR -> '-';
      case FileStat.DIRECTORY -> 'd';
      case FileStat.SYMLINK -> 'l';
      case FileStat.CHARACTER -> 'c';
      case FileStat.BLOCK -> 'b';
      case FileStat.FIFO -> 'p';
      default -> '?';
    };
  }

  /** Knows no marks. */
  private static final class NoWhiteouts implements Whiteouts {
    @Override
    public void hide(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isHidden(Path path, FileStat stat) {
      return false;
    }

    @Override
    public void makeOpaque(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpaque(Path directory) {
      return false;
    }

    @Override
    public boolean isOwn(String attribute) {
      return attribute.startsWith("trusted.overlay.");
    }
  }
}
