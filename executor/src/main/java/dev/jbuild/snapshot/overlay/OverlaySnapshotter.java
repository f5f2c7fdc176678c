package dev.jbuild.snapshot.overlay;

import dev.jbuild.linux.Kernel;
import dev.jbuild.mount.Mount;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers as upper directories of overlay mounts. Steps are mounted {@code volatile}: nothing in
 * them waits for the disk. Source: the kernel's overlayfs.rst.
 */
public final class OverlaySnapshotter implements Snapshotter {
  /** Every layer must be complete in itself and readable without its neighbours. */
  private static final List<String> OPTIONS =
      List.of("index=off", "redirect_dir=off", "metacopy=off");

  private final LayerDirectories directories;
  private final FlatLayers flat;

  public OverlaySnapshotter(LayerDirectories directories, Kernel kernel, Whiteouts whiteouts) {
    this.directories = directories;
    this.flat = new FlatLayers(directories, kernel, whiteouts);
  }

  /** To be called once, before the first use. */
  public void open() throws IOException {
    directories.open();
    flat.open();
  }

  @Override
  public ActiveLayer prepare(Snapshot parent) throws IOException {
    return new Active(parent, directories.create(parent));
  }

  @Override
  public View view(Snapshot snapshot) throws IOException {
    List<Path> lowers = new ArrayList<>(flat.lowers(snapshot));
    List<Mount> mounts;
    if (lowers.isEmpty()) {
      mounts = List.of(Mount.bind(directories.empty().toString(), true));
    } else {
      if (lowers.size() == 1) {
        lowers.add(directories.empty()); // without an upper directory overlayfs wants two
      }
      var options = new ArrayList<>(OPTIONS);
      options.add("ro");
      mounts = List.of(overlay(lowers, options));
    }
    return new View() {
      @Override
      public List<Mount> mounts() {
        return mounts;
      }

      @Override
      public void close() {}
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
    flat.removeWith(layer);
  }

  private static Mount overlay(List<Path> lowers, List<String> options) {
    var all = new ArrayList<String>();
    lowers.forEach(lower -> all.add("lowerdir=" + lower));
    all.addAll(options);
    return new Mount("overlay", "overlay", all);
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
      if (parent.layers().isEmpty()) {
        return List.of(Mount.bind(directory().toString(), false));
      }
      Path work = made.resolve("work");
      Files.createDirectories(work);
      var options = new ArrayList<>(OPTIONS);
      options.add("volatile");
      options.add("upperdir=" + directory());
      options.add("workdir=" + work);
      return List.of(overlay(flat.lowers(parent), options));
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
      TreeDeletion.delete(made.resolve("work"));
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
