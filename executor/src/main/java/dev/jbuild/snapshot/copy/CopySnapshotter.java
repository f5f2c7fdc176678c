package dev.jbuild.snapshot.copy;

import dev.jbuild.linux.Kernel;
import dev.jbuild.mount.Mount;
import dev.jbuild.snapshot.FileDigests;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.TreeCopy;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Gives each step a full copy of its parent and compares the two when the step ends. Slow, and
 * works on every file system.
 */
public final class CopySnapshotter implements Snapshotter {
  private final LayerDirectories directories;
  private final Kernel kernel;
  private final Whiteouts whiteouts;

  public CopySnapshotter(LayerDirectories directories, Kernel kernel, Whiteouts whiteouts) {
    this.directories = directories;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
  }

  /** To be called once, before the first use. */
  public void open() throws IOException {
    directories.open();
  }

  @Override
  public ActiveLayer prepare(Snapshot parent) throws IOException {
    return new Active(parent, directories.create(parent));
  }

  @Override
  public View view(Snapshot snapshot) throws IOException {
    Path made = directories.create(snapshot);
    return new View() {
      @Override
      public List<Mount> mounts() throws IOException {
        return List.of(Mount.bind(full(snapshot, made).toString(), true));
      }

      @Override
      public void close() throws IOException {
        TreeDeletion.delete(made);
      }
    };
  }

  @Override
  public Path directory(LayerId layer) {
    return directories.differences(layer);
  }

  @Override
  public boolean exists(LayerId layer) {
    return directories.exists(layer);
  }

  @Override
  public void remove(LayerId layer) throws IOException {
    directories.remove(layer);
  }

  private MergedTree tree(Snapshot snapshot) {
    List<MergedTree.Layer> layers =
        snapshot.layers().stream()
            .map(layer -> new MergedTree.Layer(layer, directory(layer)))
            .toList();
    return new MergedTree(layers, kernel, whiteouts, FileDigests.uncached());
  }

  /** The copy, made at the first call. */
  private Path full(Snapshot snapshot, Path made) throws IOException {
    Path full = made.resolve("full");
    if (!Files.exists(full)) {
      new TreeCopy(tree(snapshot), kernel).to(full);
    }
    return full;
  }

  /** A layer being written. For one thread. */
  private final class Active implements ActiveLayer {
    private final Snapshot parent;
    private final Path made;
    private boolean ended;

    Active(Snapshot parent, Path made) {
      this.parent = parent;
      this.made = made;
    }

    @Override
    public Path directory() {
      return made.resolve("fs");
    }

    @Override
    public List<Mount> mounts() throws IOException {
      return List.of(Mount.bind(full(parent, made).toString(), false));
    }

    @Override
    public LayerId commit() throws IOException {
      end();
      return directories.commit(made);
    }

    @Override
    public void commit(LayerId id) throws IOException {
      end();
      directories.commit(made, id);
    }

    private void end() throws IOException {
      if (ended) {
        throw new IllegalStateException("layer " + made + " is committed or closed already");
      }
      Path full = made.resolve("full");
      if (Files.exists(full)) {
        new TreeDifference(tree(parent), full, kernel, whiteouts).moveTo(directory());
        TreeDeletion.delete(full);
      }
      ended = true;
    }

    @Override
    public void close() throws IOException {
      if (!ended) {
        ended = true;
        TreeDeletion.delete(made);
      }
    }
  }
}
