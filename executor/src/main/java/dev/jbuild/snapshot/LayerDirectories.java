package dev.jbuild.snapshot;

import dev.jbuild.content.DiskFull;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Places of the layers below one directory, and which are committed: {@code <id>/fs} is a layer,
 * {@code .new-<id>} one being written, {@code .old-<id>} one being removed. Thread-safe.
 */
public final class LayerDirectories {
  private static final String NEW = ".new-";
  private static final String OLD = ".old-";
  private static final int ID_RADIX = 36;

  private final Path root;
  private final Kernel kernel;
  private final Durability durability;
  private final RandomGenerator random;
  private final Set<LayerId> committed = ConcurrentHashMap.newKeySet();

  /**
   * @param root {@code layers} in the state directory
   * @param random source of ids
   */
  public LayerDirectories(Path root, Kernel kernel, Durability durability, RandomGenerator random) {
    this.root = root;
    this.kernel = kernel;
    this.durability = durability;
    this.random = random;
  }

  /** Makes the directory, finds the layers and removes what a crash left behind. */
  public void open() throws IOException {
    Files.createDirectories(empty());
    for (String name : durability.open()) {
      TreeDeletion.delete(root.resolve(name));
      durability.drop(name);
    }
    for (String name : Listing.names(root)) {
      if (name.startsWith(NEW) || name.startsWith(OLD)) {
        TreeDeletion.delete(root.resolve(name));
      } else if (!name.startsWith(".")) {
        committed.add(new LayerId(name));
      }
    }
  }

  public Path root() {
    return root;
  }

  /** An empty directory. */
  public Path empty() {
    return root.resolve(".empty");
  }

  /** Where the layer's differences are. */
  public Path differences(LayerId layer) {
    return root.resolve(layer.value()).resolve("fs");
  }

  public boolean exists(LayerId layer) {
    return committed.contains(layer);
  }

  /** Starts a layer: a directory with an empty {@code fs} that looks like the parent's root. */
  public Path create(Snapshot parent) throws IOException {
    Path made = root.resolve(NEW + newId());
    try {
      Files.createDirectory(made);
      Path differences = Files.createDirectory(made.resolve("fs"));
      copyRoot(parent, differences);
    } catch (IOException e) {
      throw DiskFull.orSame(made, e);
    }
    return made;
  }

  private void copyRoot(Snapshot parent, Path differences) throws IOException {
    var metadata = new Metadata(0, 0, 0755, 0, Map.of());
    if (!parent.layers().isEmpty()) {
      FileStat stat = kernel.stat(differences(parent.layers().getLast()));
      metadata = Metadata.of(stat, Map.of());
    }
    new NodeWriter(kernel).apply(metadata, FileStat.DIRECTORY, differences);
  }

  /** Commits what {@link #create} made, under the id it was made with. */
  public LayerId commit(Path made) throws IOException {
    LayerId id = new LayerId(name(made).substring(NEW.length()));
    commit(made, id);
    return id;
  }

  /** Commits under the given id, or drops it where that is there already. */
  public void commit(Path made, LayerId id) throws IOException {
    durability.begin(id.value());
    try {
      if (committed.contains(id) || !move(made, root.resolve(id.value()))) {
        TreeDeletion.delete(made);
      }
      committed.add(id);
    } finally {
      durability.settle(id.value());
    }
  }

  /** False when another thread was first with the same content. */
  private static boolean move(Path made, Path target) throws IOException {
    try {
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      if (Files.isDirectory(target)) {
        return false;
      }
      throw DiskFull.orSame(target, e);
    }
  }

  /** Removes a committed layer; nothing there is fine. */
  public void remove(LayerId layer) throws IOException {
    Path old = detach(layer);
    if (old != null) {
      TreeDeletion.delete(old);
    }
  }

  /**
   * Takes a committed layer away from everybody, at once.
   *
   * @return what is left to be deleted, by the caller or at the next start; null for nothing
   */
  public @Nullable Path detach(LayerId layer) throws IOException {
    if (!committed.remove(layer)) {
      return null;
    }
    Path old = root.resolve(OLD + newId());
    Files.move(root.resolve(layer.value()), old, StandardCopyOption.ATOMIC_MOVE);
    durability.drop(layer.value());
    return old;
  }

  /** The committed layers, as they are now. */
  public Set<LayerId> all() {
    return Set.copyOf(committed);
  }

  /** When the layer was begun to be written. */
  public Instant begun(LayerId layer) throws IOException {
    return Files.getLastModifiedTime(root.resolve(layer.value())).toInstant();
  }

  private static String name(Path path) {
    Path name = path.getFileName();
    if (name == null) {
      throw new IllegalStateException("a layer's directory has a name: " + path);
    }
    return name.toString();
  }

  /** Starts with a letter that no hexadecimal chain id starts with. */
  private String newId() {
    return "s"
        + Long.toUnsignedString(random.nextLong(), ID_RADIX)
        + Long.toUnsignedString(random.nextLong(), ID_RADIX);
  }
}
