package dev.jbuild.session.direct;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.session.FileSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/**
 * Offers local directories by name. Files are sent as the clients of the field send them: owned by
 * user and group 0, so that the result does not depend on who builds.
 */
public final class DirectoryFileSync implements FileSync {
  private final Map<String, Path> directories;
  private final Kernel kernel;

  /**
   * @param directories by the local source's name: {@code context}, {@code dockerfile}
   */
  public DirectoryFileSync(Map<String, Path> directories, Kernel kernel) {
    this.directories = Map.copyOf(directories);
    this.kernel = kernel;
  }

  @Override
  public String identity(String name) {
    Path directory = directories.get(name);
    return directory == null ? "" : directory.toAbsolutePath().normalize().toString();
  }

  @Override
  public Walk open(String name, Filter filter) throws IOException {
    Path directory = directories.get(name);
    if (directory == null) {
      throw new BuildException(
          Code.NOT_FOUND,
          "local source '"
              + name
              + "': the client offers only "
              + new TreeSet<>(directories.keySet()));
    }
    if (!Files.isDirectory(directory)) {
      throw new BuildException(
          Code.NOT_FOUND,
          directory + ": " + (Files.exists(directory) ? "not a directory" : "does not exist"));
    }
    Path real = directory.toRealPath();
    var followed = new FollowedPaths(real, kernel).resolve(filter.followPaths());
    return new DirectoryWalk(real, new Selection(filter, followed), kernel);
  }
}
