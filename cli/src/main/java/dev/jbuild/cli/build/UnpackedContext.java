package dev.jbuild.cli.build;

import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A context that came as an archive, unpacked for as long as the build runs. Other contexts need
 * nothing of this.
 *
 * @param plan with the directory in place of the archive
 * @param directory removed by {@link #close}; null for none
 */
public record UnpackedContext(BuildPlan plan, @Nullable Path directory) implements AutoCloseable {
  private static final String PREFIX = "jbuild-context-";
  private static final int REMOVABLE = 0700;
  private static final long MAX_ENTRIES = 1_000_000;

  /**
   * Unpacks if there is something to unpack.
   *
   * @param env where {@code TMPDIR} says where
   * @throws BuildException INVALID for what is no archive that a context can be; FAILED
   */
  public static UnpackedContext of(BuildPlan plan, Map<String, String> env) {
    if (!(plan.context() instanceof BuildPlan.ArchiveOnInput archive)) {
      return new UnpackedContext(plan, null);
    }
    Path directory;
    try {
      String place = env.getOrDefault("TMPDIR", "");
      directory =
          place.isEmpty()
              ? Files.createTempDirectory(PREFIX)
              : Files.createTempDirectory(Path.of(place), PREFIX);
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "standard input: no place to unpack it: " + e, e);
    }
    boolean done = false;
    try {
      unpack(archive.content(), directory);
      var unpacked = new UnpackedContext(placed(plan, directory), directory);
      done = true;
      return unpacked;
    } finally {
      if (!done) {
        remove(directory);
      }
    }
  }

  private static void unpack(InputStream archive, Path directory) {
    try {
      // What an archive says of its sizes may be a lie: the disk must not fill.
      long bytes = Files.getFileStore(directory).getUsableSpace() / 10 * 9;
      new ArchiveWriter(directory, new UnpackLimits(bytes, MAX_ENTRIES)).write(archive);
    } catch (IOException e) {
      throw new BuildException(Code.INVALID, "standard input: " + e.getMessage(), e);
    }
  }

  private static BuildPlan placed(BuildPlan plan, Path directory) {
    var directories = new TreeMap<>(plan.directories());
    directories.put("context", directory);
    directories.put("dockerfile", directory);
    return new BuildPlan(
        plan.attrs(),
        plan.dockerfile(),
        plan.context(),
        directories,
        plan.layouts(),
        plan.outputs(),
        plan.entitlements(),
        plan.secrets(),
        plan.agents(),
        plan.sourcePolicy());
  }

  @Override
  public void close() {
    if (directory != null) {
      remove(directory);
    }
  }

  private static void remove(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
                throws IOException {
              Files.setAttribute(path, "unix:mode", REMOVABLE, LinkOption.NOFOLLOW_LINKS);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure)
                throws IOException {
              Files.delete(path);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.getLogger(UnpackedContext.class.getName())
          .log(System.Logger.Level.WARNING, directory + " could not be removed: " + e);
    }
  }
}
