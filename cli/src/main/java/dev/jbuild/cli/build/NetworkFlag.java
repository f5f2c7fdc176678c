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
    if (text.startsWith("container:")) {
      return "--network: joining a container's network ('"
          + text
          + "') comes with networks by name and is not offered yet; for a port that the container"
          + " publishes on the host use --allow network.host=127.0.0.1:PORT, for all of the host"
          + " --network=host";
    }
    if (text.equals("isolated")) {
      return "--network: 'isolated' is a word of RUN; here the isolated network is 'bridge', the"
          + " default";
    }
    return "--network: '"
        + text
        + "' would be a network by name, and networks by name are not offered yet"
        + Suggestion.of(text, WORDS)
        + "; use default, bridge, host or none";
  }
}
