package dev.jbuild.snapshot;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Reads names of directories. */
public final class Listing {
  /** What the JDK puts for bytes that are no text. */
  private static final char NO_TEXT = '\uFFFD';

  private Listing() {}

  /**
   * The names in no order.
   *
   * @throws BuildException INVALID for a name that is not UTF-8: it could not be opened again
   */
  public static String[] names(Path directory) throws IOException {
    String[] names = directory.toFile().list(); // three times as fast as a directory stream
    if (names == null) {
      throw Files.isDirectory(directory)
          ? new IOException(directory + ": directory cannot be read")
          : new NotDirectoryException(directory.toString());
    }
    for (String name : names) {
      if (name.indexOf(NO_TEXT) >= 0) {
        throw new BuildException(
            Code.INVALID,
            directory
                + ": the name '"
                + name
                + "' is not UTF-8, or jbuild does not run in a UTF-8 locale;"
                + " rename the file, or start jbuild with LC_ALL=C.UTF-8");
      }
    }
    return names;
  }
}
