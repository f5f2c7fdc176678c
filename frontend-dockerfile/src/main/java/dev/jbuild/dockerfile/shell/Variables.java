package dev.jbuild.dockerfile.shell;

import org.jspecify.annotations.Nullable;

/** What words may refer to. */
@FunctionalInterface
public interface Variables {
  Variables NONE = name -> null;

  /** The value, null when the variable is not set. */
  @Nullable String value(String name);
}
