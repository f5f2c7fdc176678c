package dev.jbuild.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The name that the daemon was called by; defaults go with it. */
public enum Program {
  JBUILDD(
      DaemonConfig.DEFAULT_ROOT,
      "/run/jbuild/jbuildd.sock",
      DaemonConfig.DEFAULT_FILE,
      Path.of("/etc/buildkit/buildkitd.toml")),
  /** As who has scripts for buildkitd knows it. Source: BuildKit's appdefaults. */
  BUILDKITD(
      Path.of("/var/lib/buildkit"),
      "/run/buildkit/buildkitd.sock",
      Path.of("/etc/buildkit/buildkitd.toml"),
      DaemonConfig.DEFAULT_FILE);

  private final Path root;
  private final String socket;
  private final Path first;
  private final Path second;

  Program(Path root, String socket, Path first, Path second) {
    this.root = root;
    this.socket = socket;
    this.first = first;
    this.second = second;
  }

  /** The program of that name; {@code jbuildd} for any other one. */
  public static Program named(@Nullable String name) {
    return "buildkitd".equals(name) ? BUILDKITD : JBUILDD;
  }

  /** As it is called. */
  public String word() {
    return this == BUILDKITD ? "buildkitd" : "jbuildd";
  }

  Path root() {
    return root;
  }

  String address() {
    return "unix://" + socket;
  }

  /** The first default file that is there. */
  @Nullable Path file() {
    return files().stream().filter(Files::exists).findFirst().orElse(null);
  }

  List<Path> files() {
    return List.of(first, second);
  }
}
