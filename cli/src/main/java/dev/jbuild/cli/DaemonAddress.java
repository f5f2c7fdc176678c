package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the daemon that a command is about. */
final class DaemonAddress {
  /** Where daemons listen when nobody says where. */
  private static final List<Path> USUAL =
      List.of(Path.of("/run/jbuild/jbuildd.sock"), Path.of("/run/buildkit/buildkitd.sock"));

  private DaemonAddress() {}

  /**
   * What a flag says, else the environment; null if neither does.
   *
   * @throws UsageException when it is no address
   */
  static @Nullable String of(@Nullable String flag, Map<String, String> env) {
    if (flag != null) {
      return checked("--addr", flag);
    }
    for (String name : List.of("JBUILD_HOST", "BUILDKIT_HOST")) {
      String value = env.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return checked("$" + name, value);
      }
    }
    return null;
  }

  /** The same for commands that are only about daemons: then the usual sockets are looked at. */
  static String required(@Nullable String flag, Map<String, String> env) {
    String said = of(flag, env);
    if (said != null) {
      return said;
    }
    Path found = USUAL.stream().filter(Files::exists).findFirst().orElse(USUAL.get(0));
    return "unix://" + found;
  }

  private static String checked(String where, String address) {
    if (!address.startsWith("unix://") && !address.startsWith("tcp://")) {
      throw new UsageException(
          where + ": want unix://PATH or tcp://HOST:PORT, got '" + address + "'");
    }
    return address;
  }
}
