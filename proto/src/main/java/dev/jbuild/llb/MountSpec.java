package dev.jbuild.llb;

import org.jspecify.annotations.Nullable;

/**
 * One mount of an {@link LlbOp.ExecOp}. Source: {@code pb.Mount}.
 *
 * @param input index into the op's inputs, -1 for scratch
 * @param selector path inside the input, or empty
 * @param dest path in the sandbox
 * @param output index of the output, -1 for none (secret and ssh mounts never have one)
 * @param options by type; null where the type needs none
 * @param resultId only for gateway containers, else empty
 */
public record MountSpec(
    long input,
    String selector,
    String dest,
    long output,
    boolean readonly,
    Type type,
    @Nullable Options options,
    String resultId,
    ContentCache contentCache) {

  /** A writable or read-only bind of an input. */
  public static MountSpec bind(long input, String dest, long output, boolean readonly) {
    return new MountSpec(
        input, "", dest, output, readonly, Type.BIND, null, "", ContentCache.DEFAULT);
  }

  /** Numbers as on the wire. */
  public enum Type {
    BIND,
    SECRET,
    SSH,
    CACHE,
    TMPFS
  }

  /** Whether the mount's content takes part in the cache key. */
  public enum ContentCache {
    DEFAULT,
    ON,
    OFF
  }

  /** What a type adds. */
  public sealed interface Options {}

  /** Size in bytes, 0 for unlimited. */
  public record Tmpfs(long sizeBytes) implements Options {}

  /** A persistent directory. */
  public record Cache(String id, Sharing sharing) implements Options {}

  /** A file from the session. */
  public record Secret(String id, long uid, long gid, int mode, boolean optional)
      implements Options {}

  /** A socket to the session's agent. */
  public record Ssh(String id, long uid, long gid, int mode, boolean optional) implements Options {}

  /** Who may use a cache mount at once. */
  public enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }
}
