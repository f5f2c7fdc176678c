package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of an {@link LlbOp.FileOp}. Indexes: 0 to n-1 are the op's inputs, n+i is the result
 * of action i, -1 is none. Timestamps are nanoseconds since the epoch, -1 for "as it comes".
 * Source: {@code pb.FileAction}.
 *
 * @param input the base that is changed
 * @param secondaryInput the copy source, else -1
 * @param output -1 for an intermediate result, else the output number
 */
public record FileAction(long input, long secondaryInput, long output, Change change) {

  /** What is done. */
  public sealed interface Change {}

  /**
   * Copies.
   *
   * @param mode permission bits for all that is copied, -1 to keep
   * @param modeText symbolic mode, or empty
   */
  public record Copy(
      String src,
      String dest,
      @Nullable Owner owner,
      int mode,
      boolean followSymlink,
      boolean dirCopyContents,
      boolean attemptUnpack,
      boolean createDestPath,
      boolean allowWildcard,
      boolean allowEmptyWildcard,
      long timestamp,
      List<String> includePatterns,
      List<String> excludePatterns,
      boolean alwaysReplaceExistingDestPaths,
      String modeText,
      List<String> requiredPaths)
      implements Change {
    public Copy {
      includePatterns = List.copyOf(includePatterns);
      excludePatterns = List.copyOf(excludePatterns);
      requiredPaths = List.copyOf(requiredPaths);
    }
  }

  /** Writes a file. */
  public record MakeFile(String path, int mode, Bytes data, @Nullable Owner owner, long timestamp)
      implements Change {}

  /** Makes a directory. */
  public record MakeDirectory(
      String path, int mode, boolean makeParents, @Nullable Owner owner, long timestamp)
      implements Change {}

  /** Removes, recursively. */
  public record Remove(String path, boolean allowNotFound, boolean allowWildcard)
      implements Change {}

  /** Makes a symbolic link {@code newPath} that points at {@code oldPath}. */
  public record Symlink(String oldPath, String newPath, @Nullable Owner owner, long timestamp)
      implements Change {}

  /** User and group; null keeps what is there. */
  public record Owner(@Nullable Identity user, @Nullable Identity group) {}

  /** A user or group. */
  public sealed interface Identity {}

  /** By number. */
  public record ById(long id) implements Identity {}

  /** By name, looked up in the passwd or group file of the given input. */
  public record ByName(String name, long input) implements Identity {}

  /** For progress: {@code copy a b}. */
  public String describe() {
    return switch (change) {
      case Copy copy -> "copy " + copy.src() + " " + copy.dest();
      case MakeFile file -> "mkfile " + file.path();
      case MakeDirectory directory -> "mkdir " + directory.path();
      case Remove remove -> "rm " + remove.path();
      case Symlink link -> "symlink " + link.newPath() + " -> " + link.oldPath();
    };
  }
}
