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
      if (layer.makeDirectory(target)) {
        Metadata metadata = metadata(source);
        layer.describe(
            target,
            FileStat.DIRECTORY,
            new Metadata(
                metadata.uid(),
                metadata.gid(),
                metadata.permissions(),
                metadata.modifiedNanos(),
                from.attributes(source)));
      }
    }
  }

  /** Merges the directory's content into the target, which is made when it is missing. */
  void copy(FileNode directory, String target) throws IOException {
    var top = new Level(null, directory, target);
    if (includes.isEmpty()) {
      top.make();
    }
    copyChildren(top, includes.root(), excludes.root());
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
