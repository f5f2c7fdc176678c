package dev.jbuild.filetree;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.Metadata;
import java.io.IOException;

/** Makes a directory and those above it that are missing. */
final class DirectoryMaker {
  private final LayerEditor layer;

  DirectoryMaker(LayerEditor layer) {
    this.layer = layer;
  }

  /**
   * What is there already stays as it is.
   *
   * @param path with its links followed
   * @param given the path as the user wrote it, for error texts
   * @param metadata of all that is made
   */
  void make(String path, String given, Metadata metadata) throws IOException {
    FileNode there = layer.lookup(path);
    if (there != null) {
      if (!there.isDirectory()) {
        throw new BuildException(
            Code.INVALID,
            "make directory " + given + ": /" + path + " is there and is not a directory");
      }
      return;
    }
    make(FileTree.parent(path), given, metadata);
    layer.makeDirectory(path);
    layer.describe(path, FileStat.DIRECTORY, metadata);
  }
}
