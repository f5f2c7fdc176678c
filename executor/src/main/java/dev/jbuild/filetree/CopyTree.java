package dev.jbuild.filetree;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.linux.FileStat;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.Metadata;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Copies a file, or a directory with what the patterns select of it. For one source. */
final class CopyTree {
  private final FileAction.Copy copy;
  private final FileTree from;
  private final LayerEditor layer;
  private final CopyWriter writer;
  private final @Nullable Ids owner;
  private final @Nullable SymbolicMode symbolicMode;
  private final PathPatterns includes;
  private final PathPatterns excludes;

  CopyTree(
      FileAction.Copy copy,
      FileTree from,
      LayerEditor layer,
      CopyWriter writer,
      @Nullable Ids owner) {
    this.copy = copy;
    this.from = from;
    this.layer = layer;
    this.writer = writer;
    this.owner = owner;
    this.symbolicMode = copy.modeText().isEmpty() ? null : SymbolicMode.parse(copy.modeText());
    this.includes = PathPatterns.of(copy.includePatterns());
    this.excludes = PathPatterns.of(copy.excludePatterns());
  }

  /** A directory on the way down, made when the first thing in it is copied. */
  private final class Level {
    private final @Nullable Level above;
    private final FileNode source;
    private final String target;
    private boolean made;
    private boolean created;

    Level(@Nullable Level above, FileNode source, String target) {
      this.above = above;
      this.source = source;
      this.target = target;
    }

    void make() throws IOException {
      if (made) {
        return;
      }
      if (above != null) {
        above.make();
      }
      made = true;
      FileNode there = layer.lookup(target);
      if (there != null && !there.isDirectory() && !copy.alwaysReplaceExistingDestPaths()) {
        throw new BuildException(
            Code.INVALID,
            "copy directory /"
                + source.path()
                + " to /"
                + target
                + ": something that is not a directory is there");
      }
      created = layer.makeDirectory(target);
      if (created) {
        layer.describe(target, FileStat.DIRECTORY, with(metadata(source), Map.of()));
      }
    }

    /** Gives a directory that was there before what the source says of it. */
    void takeOver() throws IOException {
      FileNode there = layer.lookup(target);
      if (!created && there != null) {
        Metadata wanted = metadata(source);
        if (there.layer() == null || !isLike(there.stat(), wanted)) {
          layer.copyUp(target);
          layer.describe(target, FileStat.DIRECTORY, with(wanted, layer.attributes(there)));
        }
      }
    }

    /** The same of its mode alone, for a directory that is only on the way to what is copied. */
    void takeOverMode() throws IOException {
      FileNode there = layer.lookup(target);
      if (!created && there != null && there.stat().permissions() != source.stat().permissions()) {
        FileStat stat = there.stat();
        layer.copyUp(target);
        layer.describe(
            target,
            FileStat.DIRECTORY,
            new Metadata(
                stat.uid(),
                stat.gid(),
                source.stat().permissions(),
                stat.modifiedNanos(),
                layer.attributes(there)));
      }
    }

    /**
     * The time alone, for the directory whose content is merged. Of a tree's root it says nothing:
     * that is when the tree was made here.
     */
    void takeOverTime() throws IOException {
      FileNode there = layer.lookup(target);
      if (!created && there != null && there.layer() == null && !source.path().isEmpty()) {
        FileStat stat = there.stat();
        layer.describe(
            target,
            FileStat.DIRECTORY,
            new Metadata(
                stat.uid(),
                stat.gid(),
                stat.permissions(),
                metadata(source).modifiedNanos(),
                layer.attributes(there)));
      }
    }

    private Metadata with(Metadata metadata, Map<String, byte[]> before) throws IOException {
      var attributes = new TreeMap<>(before);
      attributes.putAll(from.attributes(source));
      return new Metadata(
          metadata.uid(),
          metadata.gid(),
          metadata.permissions(),
          metadata.modifiedNanos(),
          attributes);
    }

    private static boolean isLike(FileStat stat, Metadata wanted) {
      return stat.uid() == wanted.uid()
          && stat.gid() == wanted.gid()
          && stat.permissions() == wanted.permissions();
    }
  }

  /**
   * Merges the directory's content into the target, which is made when it is missing. Directories
   * below it that are there already become like the source's, as with the field's tools.
   */
  void copy(FileNode directory, String target) throws IOException {
    var top = new Level(null, directory, target);
    if (includes.isEmpty()) {
      top.make();
    }
    copyChildren(top, includes.root(), excludes.root());
    top.takeOverTime();
  }

  /** Copies anything but a directory. */
  void copyFile(FileNode file, String target) throws IOException {
    if (file.stat().type() == FileStat.SOCKET) {
      return;
    }
    FileNode there = layer.lookup(target);
    if (there != null && there.isDirectory() && !copy.alwaysReplaceExistingDestPaths()) {
      throw new BuildException(
          Code.INVALID, "copy file /" + file.path() + " to /" + target + ": a directory is there");
    }
    writer.write(from, file, layer, target, metadata(file));
  }

  private void copyChildren(Level level, PathPatterns.Place included, PathPatterns.Place excluded)
      throws IOException {
    for (FileNode child : from.list(level.source)) {
      var include = included.child(child.name());
      var exclude = excluded.child(child.name());
      boolean selected = (includes.isEmpty() || include.matches()) && !exclude.matches();
      String target = FileTree.join(level.target, child.name());
      if (child.isDirectory()) {
        var below = new Level(level, child, target);
        if (selected) {
          below.make();
        }
        if ((includes.isEmpty() || include.mayMatchBelow())
            && (!exclude.matches() || exclude.mayReincludeBelow())) {
          copyChildren(below, include, exclude);
        }
        if (selected) {
          below.takeOver();
        } else if (below.made) {
          below.takeOverMode();
        }
      } else if (selected) {
        level.make();
        copyFile(child, target);
      }
    }
  }

  private Metadata metadata(FileNode node) {
    FileStat stat = node.stat();
    int mode = copy.mode() == -1 ? stat.permissions() : copy.mode();
    if (symbolicMode != null) {
      mode = symbolicMode.applyTo(mode, node.isDirectory());
    }
    return new Metadata(
        owner == null ? stat.uid() : owner.uid(),
        owner == null ? stat.gid() : owner.gid(),
        stat.isSymlink() ? stat.permissions() : mode,
        copy.timestamp() == -1 ? stat.modifiedNanos() : copy.timestamp(),
        Map.of());
  }
}
