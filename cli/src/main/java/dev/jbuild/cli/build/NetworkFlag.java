package dev.jbuild.cli.build;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The value of {@code --network}. */
enum NetworkFlag {
  /** Each step has its isolated network unless its instruction says otherwise. */
  DEFAULT,
  NONE,
  /** The flag itself grants the entitlement on the request's side. */
  HOST;

  private static final List<String> WORDS = List.of("default", "bridge", "none", "host");

  static NetworkFlag parse(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    return switch (text) {
      case "", "default", "bridge" -> DEFAULT;
      case "none" -> NONE;
      case "host" -> HOST;
      default -> throw new UsageException(refusal(text));
    };
  }

  private static String refusal(String text) {
    String what =
        text.startsWith("container:")
            ? "joining a container's network ('" + text + "')"
            : "'" + text + "' is a network by name, which";
    return "--network: "
        + what
        + " comes with the networks feature and is not offered yet"
        + Suggestion.of(text, WORDS)
        + "; offered are default, bridge, none and host";
  }
}
