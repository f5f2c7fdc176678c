package dev.jbuild.filetree;

import dev.jbuild.diff.TarException;
import dev.jbuild.diff.TarExtractor;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.Glob;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.linux.Kernel;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.PathResolver;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One copy: finds the sources, decides where each goes, and lets it be copied there. */
final class CopyAction {
  private static final int DIRECTORY_PERMISSIONS = 0755;

  private final FileAction.Copy copy;
  private final CopySource source;
  private final LayerEditor layer;
  private final Kernel kernel;
  private final CopyWriter writer;
  private final @Nullable Ids owner;
  private final long now;
  private final PathResolver from;
  private final PathResolver to;

  /**
   * @param owner of all that is copied; null for each source's own
   * @param now time of directories that are made on the way
   */
  CopyAction(
      FileAction.Copy copy,
      CopySource source,
      LayerEditor layer,
      Kernel kernel,
      CopyWriter writer,
      @Nullable Ids owner,
      long now) {
    this.copy = copy;
    this.source = source;
    this.layer = layer;
    this.kernel = kernel;
    this.writer = writer;
    this.owner = owner;
    this.now = now;
    this.from = new PathResolver(source.tree());
    this.to = new PathResolver(layer);
  }

  /** A source that exists, and the name it is copied under. */
  private record Found(FileNode node, String name) {}

  void run() throws IOException {
    for (String required : copy.requiredPaths()) {
      find(required);
    }
    for (Found found : find(copy.src())) {
      copyOne(found);
    }
  }

  /** Never empty but for a pattern that may match nothing. */
  private List<Found> find(String text) throws IOException {
    String path = FileActions.relative(SlashPath.clean("/" + text));
    boolean isPattern = copy.allowWildcard() && Glob.hasWildcard(path);
    List<String> paths = isPattern ? new Wildcards(source.tree()).matches(path) : List.of(path);
    var found = new ArrayList<Found>();
    for (String candidate : paths) {
      String real = copy.followSymlink() ? from.follow(candidate) : from.followParents(candidate);
      FileNode node = source.tree().lookup(real);
      if (node == null) {
        throw notFound(candidate);
      }
      found.add(new Found(node, candidate.substring(candidate.lastIndexOf('/') + 1)));
    }
    if (found.isEmpty() && !copy.allowEmptyWildcard()) {
      throw notFound(path);
    }
    return found;
  }

  private BuildException notFound(String path) throws IOException {
    String near = new NearestName(source.tree()).to(path);
    if (near == null) {
      near = NearestName.among(source.others().list(), path);
    }
    return new BuildException(
        Code.NOT_FOUND,
        "\"/"
            + path
            + "\" not found in "
            + source.name()
            + (near == null ? "" : ", did you mean \"/" + near + "\"?")
            + (source.hint().isEmpty() ? "" : "; " + source.hint()));
  }

  private void copyOne(Found found) throws IOException {
    FileNode node = found.node;
    String dest = to.follow(copy.dest());
    if (copy.attemptUnpack() && node.stat().isRegular() && TarExtractor.isArchive(node.file())) {
      unpack(node, dest);
      return;
    }
    boolean intoDirectory = isDirectoryName(copy.dest());
    makeParents(intoDirectory ? dest : FileTree.parent(dest));
    FileNode there = layer.lookup(dest);
    boolean thereIsDirectory = there != null && there.isDirectory();
    if (node.isDirectory() && (copy.dirCopyContents() || found.name.isEmpty())) {
      makeParents(dest);
    } else if (thereIsDirectory) {
      dest = FileTree.join(dest, found.name);
    }
    if (node.isDirectory()) {
      tree().copy(node, dest);
    } else if (!isExcluded(found.name)) {
      tree().copyFile(node, dest);
    }
  }

  private void unpack(FileNode archive, String dest) throws IOException {
    makeParents(dest);
    var extractor =
        new TarExtractor(
            layer,
            dest,
            owner == null ? null : new TarExtractor.Owner(owner.uid(), owner.gid()),
            kernel,
            UnpackLimits.DEFAULT);
    try (InputStream in = Files.newInputStream(archive.file())) {
      extractor.extract(in);
    } catch (TarException | EOFException e) {
      throw new BuildException(
          Code.INVALID,
          "unpack /" + archive.path() + " of " + source.name() + ": " + e.getMessage(),
          e);
    }
  }

  private CopyTree tree() {
    return new CopyTree(copy, source.tree(), layer, writer, owner);
  }

  /** A single file has no directory that patterns could be relative to: its name must do. */
  private boolean isExcluded(String name) {
    return PathPatterns.of(copy.excludePatterns()).matches(name);
  }

  private static boolean isDirectoryName(String dest) {
    return dest.isEmpty() || dest.endsWith("/") || dest.endsWith("/.") || dest.equals(".");
  }

  private void makeParents(String path) throws IOException {
    FileNode there = layer.lookup(path);
    if (there == null && !copy.createDestPath()) {
      throw new BuildException(
          Code.NOT_FOUND,
          "copy to " + copy.dest() + ": the directory /" + path + " does not exist");
    }
    Ids ids = owner == null ? Ids.ROOT : owner;
    int mode = copy.mode() == -1 ? DIRECTORY_PERMISSIONS : copy.mode();
    var metadata = new Metadata(ids.uid(), ids.gid(), mode, now, Map.of());
    new DirectoryMaker(layer).make(path, copy.dest(), metadata);
  }
}
