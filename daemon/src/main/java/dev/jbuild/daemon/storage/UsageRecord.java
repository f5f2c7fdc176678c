package dev.jbuild.daemon.storage;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that the state directory holds.
 *
 * @param id unique among all
 * @param description for users
 * @param sizeBytes on disk
 * @param lastUsed null when it is not known
 * @param uses how often, as far as it is known
 * @param parents what it stands on: ids of other records
 * @param inUse by a build that runs
 * @param shared with something that is not cache: a named image; it is not collected
 * @param mutable whether it changes while it is used
 */
public record UsageRecord(
    String id,
    Type type,
    String description,
    long sizeBytes,
    Instant created,
    @Nullable Instant lastUsed,
    long uses,
    List<String> parents,
    boolean inUse,
    boolean shared,
    boolean mutable) {

  public UsageRecord {
    parents = List.copyOf(parents);
  }

  /** What it is. Source: reference wire-control, section 8. */
  public enum Type {
    REGULAR("regular"),
    INTERNAL("internal"),
    FRONTEND("frontend"),
    LOCAL_SOURCE("source.local"),
    GIT_CHECKOUT("source.git.checkout"),
    CACHE_MOUNT("exec.cachemount");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** As clients know it. */
    public String word() {
      return word;
    }
  }

  /** When it was used last, or made. */
  Instant latest() {
    return lastUsed == null ? created : lastUsed;
  }

  /** For filters. */
  @Nullable String field(String name) {
    return switch (name) {
      case "id" -> id;
      case "type" -> type.word();
      case "description" -> description;
      case "parents", "parent" -> String.join(";", parents);
      case "inuse" -> flag(inUse);
      case "mutable" -> flag(mutable);
      case "immutable" -> flag(!mutable);
      case "shared" -> flag(shared);
      case "private" -> flag(!shared);
      default -> null;
    };
  }

  private static @Nullable String flag(boolean value) {
    return value ? "true" : null;
  }
}
