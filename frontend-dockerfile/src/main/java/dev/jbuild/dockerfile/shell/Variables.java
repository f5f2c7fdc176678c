package dev.jbuild.dockerfile.shell;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What words may refer to. */
@FunctionalInterface
public interface Variables {
  Variables NONE = name -> null;

  /** The value, null when the variable is not set. */
  @Nullable String value(String name);

  /** Whether the name is declared, be it without a value. */
  default boolean declares(String name) {
    return false;
  }

  /** What is declared, with a value or without; for telling users what they may have meant. */
  default Set<String> names() {
    return Set.of();
  }
}
