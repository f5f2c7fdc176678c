package dev.jbuild.dockerfile.convert;

import dev.jbuild.llb.FileAction;
import org.jspecify.annotations.Nullable;

/** Reads {@code user[:group]}, each a name or a number. */
final class Owners {
  private static final long MAX_ID = 0xFFFFFFFFL;

  private Owners() {}

  /**
   * Names refer to input 0. A number alone is also the group, as the Dockerfile reference says; a
   * name alone leaves the group to the passwd file, which only the worker can read.
   */
  static FileAction.Owner parse(String text) {
    int colon = text.indexOf(':');
    FileAction.Identity user = identity(colon < 0 ? text : text.substring(0, colon));
    FileAction.Identity group = colon < 0 ? null : identity(text.substring(colon + 1));
    if (colon < 0 && user instanceof FileAction.ById) {
      group = user;
    }
    return new FileAction.Owner(user, group);
  }

  private static FileAction.@Nullable Identity identity(String text) {
    if (text.isEmpty()) {
      return null;
    }
    if (text.matches("[0-9]{1,10}") && Long.parseLong(text) <= MAX_ID) {
      return new FileAction.ById(Long.parseLong(text));
    }
    return new FileAction.ByName(text, 0);
  }

  /** Whether something must be looked up to know the owner. */
  static boolean hasNames(FileAction.@Nullable Owner owner) {
    return owner != null
        && (owner.user() instanceof FileAction.ByName
            || owner.group() instanceof FileAction.ByName);
  }

  /** The same owner with names looked up in another input. */
  static FileAction.@Nullable Owner in(FileAction.@Nullable Owner owner, long input) {
    return owner == null
        ? null
        : new FileAction.Owner(in(owner.user(), input), in(owner.group(), input));
  }

  private static FileAction.@Nullable Identity in(
      FileAction.@Nullable Identity identity, long input) {
    return identity instanceof FileAction.ByName name
        ? new FileAction.ByName(name.name(), input)
        : identity;
  }
}
