package dev.jbuild.dockerfile.instruction;

import org.jspecify.annotations.Nullable;

/**
 * A mount of RUN with everything known. Targets are as written, relative ones meant from the
 * working directory; absent numbers are null.
 */
public sealed interface Mount {

  /** A directory or file of the build context, a stage or an image; writes are thrown away. */
  record Bind(@Nullable String from, String source, String target, boolean readOnly)
      implements Mount {}

  /** A directory that lasts from build to build. The id is empty when not given. */
  record Cache(
      String id,
      @Nullable String from,
      String source,
      String target,
      boolean readOnly,
      Sharing sharing,
      Access access)
      implements Mount {}

  /** Memory; a size of 0 is unlimited. */
  record Tmpfs(String target, long sizeBytes) implements Mount {}

  /** A secret as a file, a variable, or both. */
  record Secret(
      String id, @Nullable String target, @Nullable String env, boolean required, Access access)
      implements Mount {}

  /** The agent's socket; the target is null for the default. */
  record Ssh(String id, @Nullable String target, boolean required, Access access)
      implements Mount {}

  /** Owner and mode, each null when not given. */
  record Access(@Nullable Integer mode, @Nullable Long uid, @Nullable Long gid) {
    public boolean isGiven() {
      return mode != null || uid != null || gid != null;
    }
  }

  /** Who may use a cache at once. */
  enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }
}
