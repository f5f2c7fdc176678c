package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Changes a directory at random, through the JDK or through a {@link LayerEditor}, alike. */
public final class RandomTree {
  private static final List<String> NAMES =
      List.of("a", "b", "c", "dir", "etc", "größe", ".hidden", "x y", "\uD83D\uDE00");
  private static final Kernel KERNEL = new LibcKernel();

  private final Random random;

  public RandomTree(long seed) {
    this.random = new Random(seed);
  }

  /** One change, to be done to a reference and to what is tested. */
  public sealed interface Change {
    String path();

    /** Makes or replaces by a file. */
    record MakeFile(String path, String content, int mode, int uid) implements Change {}

    /** Makes or replaces by a directory, unless it is one. */
    record MakeDirectory(String path, int mode) implements Change {}

    /** Makes or replaces by a symbolic link. */
    record MakeLink(String path, String target) implements Change {}

    /** Removes. */
    record Remove(String path) implements Change {}
  }

  /** Some changes that fit the directory when done one after the other. */
  public List<Change> mutate(Path reference, int count) throws IOException {
    var changes = new ArrayList<Change>();
    for (int i = 0; i < count; i++) {
      Change change = next(reference);
      if (!(change instanceof Change.Remove) || exists(reference.resolve(change.path()))) {
        apply(change, reference);
        changes.add(change);
      }
    }
    return changes;
  }

  private Change next(Path reference) throws IOException {
    List<String> directories = directories(reference);
    String parent = directories.get(random.nextInt(directories.size()));
    String path = FileTree.join(parent, NAMES.get(random.nextInt(NAMES.size())));
    return switch (random.nextInt(8)) {
      case 0, 1, 2 ->
          new Change.MakeFile(
              path, "c" + random.nextInt(1000), 0600 | random.nextInt(0200), random.nextInt(3));
      case 3, 4 -> new Change.MakeDirectory(path, 0700 | random.nextInt(0100));
      case 5 -> new Change.MakeLink(path, NAMES.get(random.nextInt(NAMES.size())));
      default -> new Change.Remove(path);
    };
  }

  private static List<String> directories(Path reference) throws IOException {
    var found = new ArrayList<String>();
    Files.walkFileTree(
        reference,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            found.add(reference.relativize(at).toString());
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }

  private static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Does a change to a directory. */
  public static void apply(Change change, Path root) throws IOException {
    Path at = root.resolve(change.path());
    boolean isDirectory = Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS);
    if (!(change instanceof Change.MakeDirectory && isDirectory)) {
      TreeDeletion.delete(at);
    }
    switch (change) {
      case Change.MakeFile file -> {
        Files.writeString(at, file.content);
        KERNEL.changeOwner(at, file.uid, 0);
        KERNEL.changeMode(at, file.mode);
      }
      case Change.MakeDirectory directory -> {
        if (!isDirectory) {
          Files.createDirectory(at);
          KERNEL.changeMode(at, directory.mode);
        }
      }
      case Change.MakeLink link -> Files.createSymbolicLink(at, Path.of(link.target));
      case Change.Remove remove -> {}
    }
  }

  /** Does a change to a layer. */
  public static void apply(Change change, LayerEditor layer) throws IOException {
    String path = change.path();
    switch (change) {
      case Change.MakeFile file -> {
        Files.writeString(layer.place(path), file.content);
        describe(layer, path, FileStat.REGULAR, file.mode, file.uid);
      }
      case Change.MakeDirectory directory -> {
        if (layer.makeDirectory(path)) {
          describe(layer, path, FileStat.DIRECTORY, directory.mode, 0);
        }
      }
      case Change.MakeLink link -> {
        Files.createSymbolicLink(layer.place(path), Path.of(link.target));
        describe(layer, path, FileStat.SYMLINK, 0777, 0);
      }
      case Change.Remove remove -> layer.remove(path);
    }
  }

  private static void describe(LayerEditor layer, String path, int type, int mode, int uid)
      throws IOException {
    layer.describe(path, type, new Metadata(uid, 0, mode, 1_000_000_000L, Map.of()));
  }
}
