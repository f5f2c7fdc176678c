package dev.jbuild.filetree;

import dev.jbuild.content.DiskFull;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.Glob;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.llb.FileAction;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.PathResolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the changes of file ops on one layer, in order, straight into its directory. Symbolic
 * links never lead out of the tree. For one thread. Source: reference/wire-llb.md, section 4.
 */
public final class FileActions {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int PERMISSIONS = 0777;
  private static final int LINK_PERMISSIONS = 0777;

  private final Path directory;
  private final Kernel kernel;
  private final Accounts accounts;
  private final Clock clock;
  private final LayerEditor layer;
  private final PathResolver paths;
  private final Linking linking;

  /**
   * @param directory of the layer, see {@code Snapshotter.ActiveLayer.directory()}
   * @param base what the layer is put on
   * @param accounts of the names that owners are given by
   * @param clock gives the time of what is new and has none of its own
   */
  public FileActions(
      Path directory, MergedTree base, Kernel kernel, Accounts accounts, Clock clock) {
    this.directory = directory;
    this.kernel = kernel;
    this.accounts = accounts;
    this.clock = clock;
    this.layer = base.edit(directory);
    this.paths = new PathResolver(layer);
    this.linking = new Linking(directory, base.layers(), kernel);
  }

  /** What the layer shows on top of its base, after the changes so far. */
  public FileTree result() {
    return layer;
  }

  /**
   * Does one change.
   *
   * @param source of a copy; null for all others
   * @throws BuildException when the change cannot be done; the layer is of no use then
   */
  public void apply(FileAction.Change change, @Nullable CopySource source) throws IOException {
    try {
      switch (change) {
        case FileAction.Copy copy -> copy(copy, source);
        case FileAction.MakeFile file -> makeFile(file);
        case FileAction.MakeDirectory made -> makeDirectory(made);
        case FileAction.Remove remove -> remove(remove);
        case FileAction.Symlink link -> makeLink(link);
      }
    } catch (IOException e) {
      throw DiskFull.orSame(directory, e);
    }
  }

  /** To be called after the last change, before the layer is committed. */
  public void finish() throws IOException {
    layer.finish();
    linking.finish();
  }

  private void copy(FileAction.Copy copy, @Nullable CopySource source) throws IOException {
    if (source == null) {
      throw new IllegalStateException("copy of " + copy.src() + " has no source");
    }
    Ids owner = owner(copy.owner());
    var writer = new CopyWriter(kernel, linking);
    new CopyAction(copy, source, layer, kernel, writer, owner, time(copy.timestamp())).run();
  }

  private void makeFile(FileAction.MakeFile file) throws IOException {
    String path = paths.follow(file.path());
    checkParent(path, file.path());
    FileNode there = layer.lookup(path);
    if (there != null && there.isDirectory()) {
      throw new BuildException(
          Code.INVALID, "make file " + file.path() + ": a directory is there already");
    }
    Files.write(layer.place(path), file.data().toArray());
    describe(path, FileStat.REGULAR, file.mode() & PERMISSIONS, file.owner(), file.timestamp());
  }

  private void makeDirectory(FileAction.MakeDirectory made) throws IOException {
    String path = paths.follow(made.path());
    if (!made.makeParents()) {
      checkParent(path, made.path());
    }
    Ids owner = owner(made.owner());
    new DirectoryMaker(layer)
        .make(
            path,
            made.path(),
            new Metadata(
                owner == null ? 0 : owner.uid(),
                owner == null ? 0 : owner.gid(),
                made.mode() & PERMISSIONS,
                time(made.timestamp()),
                Map.of()));
  }

  private void makeLink(FileAction.Symlink link) throws IOException {
    String path = paths.followParents(link.newPath());
    checkParent(path, link.newPath());
    if (layer.lookup(path) != null) {
      throw new BuildException(
          Code.INVALID, "make link " + link.newPath() + ": something is there already");
    }
    Files.createSymbolicLink(layer.place(path), Path.of(link.oldPath()));
    describe(path, FileStat.SYMLINK, LINK_PERMISSIONS, link.owner(), link.timestamp());
  }

  private void remove(FileAction.Remove remove) throws IOException {
    List<String> found =
        remove.allowWildcard() && Glob.hasWildcard(remove.path())
            ? new Wildcards(layer).matches(relative(remove.path()))
            : List.of(paths.followParents(remove.path()));
    boolean removed = false;
    for (String path : found) {
      if (path.isEmpty()) {
        for (FileNode child : layer.list(layer.root())) {
          layer.remove(child.path());
        }
        removed = true;
      } else if (layer.lookup(path) != null) {
        layer.remove(path);
        removed = true;
      }
    }
    if (!removed && !remove.allowNotFound()) {
      throw new BuildException(Code.NOT_FOUND, "remove " + remove.path() + ": nothing is there");
    }
  }

  static String relative(String path) {
    return path.startsWith("/") ? path.substring(1) : path;
  }

  private void checkParent(String path, String given) throws IOException {
    String parent = FileTree.parent(path);
    FileNode node = layer.lookup(parent);
    if (node == null) {
      throw new BuildException(
          Code.NOT_FOUND, "make " + given + ": the directory /" + parent + " does not exist");
    }
    if (!node.isDirectory()) {
      throw new BuildException(
          Code.INVALID, "make " + given + ": /" + parent + " is not a directory");
    }
  }

  private void describe(
      String path, int type, int mode, FileAction.@Nullable Owner owner, long timestamp)
      throws IOException {
    Ids ids = owner(owner);
    Ids set = ids == null ? Ids.ROOT : ids;
    layer.describe(path, type, new Metadata(set.uid(), set.gid(), mode, time(timestamp), Map.of()));
  }

  /** Nanoseconds since the epoch; -1 is now. */
  private long time(long timestamp) {
    if (timestamp != -1) {
      return timestamp;
    }
    Instant now = clock.instant();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }

  private @Nullable Ids owner(FileAction.@Nullable Owner owner) throws IOException {
    if (owner == null || (owner.user() == null && owner.group() == null)) {
      return null;
    }
    Ids user =
        switch (owner.user()) {
          case null -> Ids.ROOT;
          case FileAction.ById id -> new Ids((int) id.id(), (int) id.id());
          case FileAction.ByName name -> accounts.user(name);
        };
    return switch (owner.group()) {
      case null -> user;
      case FileAction.ById id -> new Ids(user.uid(), (int) id.id());
      case FileAction.ByName name -> new Ids(user.uid(), accounts.group(name));
    };
  }
}
