package dev.jbuild.session.direct;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.OutputSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A directory whose files are all replaced. Until the new ones are complete they lie in a directory
 * of their own in it, and nothing is deleted. No link is followed, so nothing outside the directory
 * is ever touched. For one thread.
 */
public final class ReplacedDirectory implements OutputSink.Tree {
  private static final String MODE = "unix:mode";
  private static final int PERMISSIONS = 07777;
  private static final int OWNERS = 0700;

  private final Path directory;
  private final Path staged;

  private ReplacedDirectory(Path directory, Path staged) {
    this.directory = directory;
    this.staged = staged;
  }

  /**
   * Makes the directory when it is not there.
   *
   * @param kept directories that must not lie in it
   * @throws BuildException INVALID when it is the root, a symbolic link, or one of {@code kept} is
   *     in it
   */
  public static ReplacedDirectory open(Path directory, List<Path> kept) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      throw refused(directory, "it is a symbolic link: name the directory itself");
    }
    check(directory, kept);
    Files.createDirectories(directory);
    Path real = directory.toRealPath();
    return new ReplacedDirectory(real, Files.createTempDirectory(real, ".jbuild-output-"));
  }

  /**
   * Whether a directory, which may not be there yet, may lose its files.
   *
   * @throws BuildException INVALID when it is the root or one of {@code kept} is in it
   */
  public static void check(Path directory, List<Path> kept) throws IOException {
    Path real = real(directory.toAbsolutePath());
    if (real.getNameCount() == 0) {
      throw refused(directory, "it is the root of the file system");
    }
    for (Path path : kept) {
      if (real(path.toAbsolutePath()).startsWith(real)) {
        throw refused(directory, "'" + path + "' is in it");
      }
    }
  }

  private static BuildException refused(Path directory, String why) {
    return new BuildException(
        Code.INVALID,
        "output with mode=delete: the files of '" + directory + "' are not deleted, " + why);
  }

  /** Where a path leads, as far as it is there. */
  private static Path real(Path path) throws IOException {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (Files.exists(path) || parent == null || name == null) {
      return path.toRealPath();
    }
    return real(parent).resolve(name.toString()).normalize();
  }

  @Override
  public Path path() {
    return staged;
  }

  /** What has no place in the new tree goes last: a failure before that deletes least. */
  @Override
  public void complete() throws IOException {
    Set<Path> placed = new HashSet<>();
    placed.add(staged);
    for (Path made : children(staged)) {
      Path place = directory.resolve(staged.relativize(made));
      if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
        delete(place);
      }
      move(made, place);
      placed.add(place);
    }
    for (Path there : children(directory)) {
      if (!placed.contains(there)) {
        delete(there);
      }
    }
  }

  /** Only root moves a directory that may not be written as it is. */
  private static void move(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    int mode = mode(from);
    FileTime time = Files.getLastModifiedTime(from);
    open(from, mode);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    if (!isOpen(mode)) {
      Files.setAttribute(to, MODE, mode);
      Files.setLastModifiedTime(to, time);
    }
  }

  private static int mode(Path directory) throws IOException {
    return (Integer) Files.getAttribute(directory, MODE, LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
  }

  private static boolean isOpen(int mode) {
    return (mode & OWNERS) == OWNERS;
  }

  /** Lets the owner in. */
  private static void open(Path directory, int mode) throws IOException {
    if (!isOpen(mode)) {
      Files.setAttribute(directory, MODE, mode | OWNERS);
    }
  }

  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      open(path, mode(path));
      for (Path child : children(path)) {
        delete(child);
      }
    }
    Files.deleteIfExists(path);
  }

  private static List<Path> children(Path directory) throws IOException {
    var children = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(directory)) {
      entries.forEach(children::add);
    }
    return children;
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(staged, LinkOption.NOFOLLOW_LINKS)) {
      delete(staged);
    }
  }
}
