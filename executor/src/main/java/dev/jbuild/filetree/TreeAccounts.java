package dev.jbuild.filetree;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.PathResolver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.function.LongFunction;

/** Reads {@code /etc/passwd} and {@code /etc/group} of a tree. Source: passwd(5), group(5). */
public final class TreeAccounts implements Accounts {
  private static final String PASSWD = "etc/passwd";
  private static final String GROUP = "etc/group";
  private static final long MAX_FILE_BYTES = 16L << 20;

  private final LongFunction<FileTree> trees;

  /**
   * @param trees the tree of an input by the index that names come with
   */
  public TreeAccounts(LongFunction<FileTree> trees) {
    this.trees = trees;
  }

  @Override
  public Ids user(FileAction.ByName name) throws IOException {
    for (String line : lines(trees.apply(name.input()), PASSWD)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && fields[0].equals(name.name())) {
        return new Ids(number(fields[2], PASSWD, line), number(fields[3], PASSWD, line));
      }
    }
    throw missing("user", name.name(), PASSWD);
  }

  @Override
  public int group(FileAction.ByName name) throws IOException {
    for (String line : lines(trees.apply(name.input()), GROUP)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 3 && fields[0].equals(name.name())) {
        return number(fields[2], GROUP, line);
      }
    }
    throw missing("group", name.name(), GROUP);
  }

  private static BuildException missing(String kind, String name, String file) {
    return new BuildException(
        Code.NOT_FOUND,
        kind + " '" + name + "' is not in /" + file + " of the image; use a number or create it");
  }

  private static int number(String text, String file, String line) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      throw new BuildException(
          Code.INVALID, "/" + file + " of the image: want numbers for ids, got '" + line + "'", e);
    }
  }

  private static List<String> lines(FileTree tree, String path) throws IOException {
    FileNode file = new PathResolver(tree).find(path);
    if (file == null || !file.stat().isRegular()) {
      return List.of();
    }
    if (file.stat().sizeBytes() > MAX_FILE_BYTES) {
      throw new BuildException(
          Code.INVALID,
          "/"
              + path
              + " of the image has "
              + file.stat().sizeBytes()
              + " bytes, at most "
              + MAX_FILE_BYTES
              + " are read");
    }
    return new String(Files.readAllBytes(file.file()), StandardCharsets.UTF_8).lines().toList();
  }
}
