package dev.jbuild.content;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Tells a full disk or quota apart from other failures, so that the user hears what to free. */
public final class DiskFull {
  private static final String NO_SPACE = "No space left on device";
  private static final String QUOTA = "Disk quota exceeded";
  private static final long MEBIBYTE = 1 << 20;

  private DiskFull() {}

  /**
   * Gives the failure back when it is any other one.
   *
   * @param where a path on the file system that was written
   * @throws BuildException RESOURCE_EXHAUSTED, naming the path and the free space, when the disk is
   *     full
   */
  public static IOException orSame(Path where, IOException failure) {
    if (isFull(failure)) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          where
              + ": no space left on device, "
              + free(where)
              + " free; remove what is not needed or choose another directory with --root",
          failure);
    }
    return failure;
  }

  static boolean isFull(@Nullable Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at instanceof FileSystemException e ? e.getReason() : at.getMessage();
      if (message != null
          && (message.contains(NO_SPACE)
              || message.contains(QUOTA)
              || message.contains("ENOSPC"))) {
        return true;
      }
    }
    return false;
  }

  private static String free(Path where) {
    Path existing = where;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent(); // on the same file system
    }
    try {
      return Files.getFileStore(existing).getUsableSpace() / MEBIBYTE + " MiB";
    } catch (IOException e) {
      return "an unknown amount";
    }
  }
}
