package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/**
 * Control files of one step, {@code <run>/<stepId>}. Watchdog and recovery know these names.
 *
 * @param path absolute
 */
record StepDirectory(Path path) {
  private static final Pattern STEP_ID = Pattern.compile("[0-9a-z]{1,64}");
  private static final int MAX_STATE_DEPTH = 8;

  /** Makes the directory. */
  static StepDirectory create(Path runDirectory, String stepId) throws IOException {
    if (!STEP_ID.matcher(stepId).matches()) {
      throw new IllegalArgumentException("step id: want 1 to 64 of [0-9a-z], got '" + stepId + "'");
    }
    var path = runDirectory.resolve(stepId);
    try {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException running) {
      throw new IllegalStateException("step " + stepId + " already runs: " + path, running);
    }
    return new StepDirectory(path);
  }

  Path rootfs() {
    return path.resolve("rootfs");
  }

  /** Where a mount that the runtime cannot make by itself is prepared. */
  Path mount(int index) {
    return path.resolve("mount" + index);
  }

  /** Where the memory is mounted that holds what no disk may see. */
  Path memory() {
    return path.resolve("mount-memory");
  }

  Path config() {
    return path.resolve("config.json");
  }

  Path hosts() {
    return path.resolve("hosts");
  }

  Path resolvConf() {
    return path.resolve("resolv.conf");
  }

  /** Process id of the container's first process, written by the runtime. */
  Path pid() {
    return path.resolve("pid");
  }

  /** Files of a process that joins the first one. */
  Path joined(String kind, int number) {
    return path.resolve("joined-" + number + "-" + kind);
  }

  /** The runtime's own errors. */
  Path log() {
    return path.resolve("log");
  }

  /** The runtime's own state. */
  Path state() {
    return path.resolve("state");
  }

  /** Where the runtime keeps what it knows of a step that it has made. */
  Path state(String stepId) {
    return state().resolve(stepId);
  }

  /** Group of the step, only where it is not the usual one. */
  Path cgroup() {
    return path.resolve("cgroup");
  }

  /**
   * Removes everything. Directories that something may still be mounted on are only removed when
   * they are empty: what they show is not ours to delete.
   */
  void remove() throws IOException {
    try (var children = Files.newDirectoryStream(path)) {
      for (Path child : children) {
        String name = String.valueOf(child.getFileName());
        if (name.equals("rootfs") || name.startsWith("mount")) {
          Files.deleteIfExists(child);
        } else {
          removeTree(child, 0);
        }
      }
    }
    Files.delete(path);
  }

  private static void removeTree(Path path, int depth) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      if (depth == MAX_STATE_DEPTH) {
        throw new DirectoryNotEmptyException(path.toString());
      }
      try (var children = Files.newDirectoryStream(path)) {
        for (Path child : children) {
          removeTree(child, depth + 1);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
