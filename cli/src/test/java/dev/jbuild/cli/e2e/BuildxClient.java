package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The real {@code docker buildx}, with a configuration of its own. */
final class BuildxClient {
  private static final long LIMIT_SECONDS = 90;
  private static final String PLUGIN = "cli-plugins/docker-buildx";

  /** Where tools/install puts what comes from a newer Debian. */
  static final Path TOOLS = Path.of("/var/cache/jbuild-tools");

  private static final String BUILDER = "jb";

  private final Path directory;
  private final Path config;
  private final Map<String, String> variables;

  private BuildxClient(Path directory, Path config, Map<String, String> variables) {
    this.directory = directory;
    this.config = config;
    this.variables = Map.copyOf(variables);
  }

  /** The same with a variable in its environment. */
  BuildxClient with(String name, String value) {
    return new BuildxClient(directory, config, Map.of(name, value));
  }

  /** A client with a builder for the daemon at an address; skips the tests where there is none. */
  static BuildxClient at(Path directory, String address, String... options) throws Exception {
    Commands.assumed("docker");
    Path plugin = plugin();
    Path config = Files.createDirectories(directory.resolve("docker-config"));
    Path link = config.resolve(PLUGIN);
    Files.createDirectories(link.getParent());
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, plugin);
    var client = new BuildxClient(directory, config, Map.of());
    var create = new ArrayList<>(List.of("create", "--name", BUILDER, "--driver", "remote"));
    create.addAll(List.of(options));
    create.add(address);
    client.run(create.toArray(String[]::new)).succeeded();
    return client;
  }

  /** Another client of the same builder, with a directory of its own. */
  BuildxClient copy(Path other) throws Exception {
    Files.createDirectories(other);
    Commands.exec("cp", "-a", config.toString(), other.resolve("docker-config").toString());
    return new BuildxClient(other, other.resolve("docker-config"), variables);
  }

  /** Where the plugin lies; skips the tests where there is none. */
  static Path plugin() {
    Optional<Path> plugin =
        Stream.of(
                TOOLS.resolve("docker-buildx"),
                Path.of("/usr/libexec/docker").resolve(PLUGIN),
                Path.of("/usr/lib/docker").resolve(PLUGIN))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        plugin.isPresent(),
        "skipped: the plugin docker-buildx is missing; tools/install test fetches it from a newer"
            + " Debian where that can be reached");
    return plugin.get();
  }

  /** Runs a command of buildx. */
  Outcome run(String... args) throws Exception {
    return end(start(args), args);
  }

  /** Runs a build with plain progress. */
  Outcome build(Path context, String... flags) throws Exception {
    var args = new ArrayList<>(List.of("build", "--builder", BUILDER, "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return run(args.toArray(String[]::new));
  }

  /** Runs a command for the builder: {@code on("du")}, {@code on("history", "ls")}. */
  Outcome on(String... args) throws Exception {
    var all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--builder", BUILDER));
    return run(all.toArray(String[]::new));
  }

  /** Runs a build of what is in a file on standard input. */
  Outcome buildOf(Path in, String... flags) throws Exception {
    var args = new ArrayList<>(List.of("build", "--builder", BUILDER, "--progress=plain"));
    args.addAll(List.of(flags));
    args.add("-");
    return end(start(Redirect.from(in.toFile()), args.toArray(String[]::new)), "build", "-");
  }

  /** Begins a command; what it says goes to files. */
  Process start(String... args) throws IOException {
    return start(Redirect.PIPE, args);
  }

  /** Begins a command on a terminal, with what is experimental; it reads what the caller types. */
  Process startOnTerminal(String... args) throws Exception {
    Path script = Commands.assumed("script");
    String command = "docker buildx " + String.join(" ", args);
    return begin(
        Redirect.PIPE,
        List.of(script.toString(), "-qefc", "BUILDX_EXPERIMENTAL=1 " + command, "/dev/null"));
  }

  /** Begins a command that a program drives by its standard streams, with what is experimental. */
  Process startAdapter(String... args) throws IOException {
    var command = new ArrayList<>(List.of("docker", "buildx"));
    command.addAll(List.of(args));
    var builder = own(new ProcessBuilder(command));
    builder.environment().put("BUILDX_EXPERIMENTAL", "1");
    return builder.redirectError(Redirect.to(directory.resolve("err").toFile())).start();
  }

  /** What the last command has written on its terminal, or its standard output, until now. */
  String written() {
    return text("out");
  }

  private Process start(Redirect in, String... args) throws IOException {
    var command = new ArrayList<>(List.of("docker", "buildx"));
    command.addAll(List.of(args));
    return begin(in, command);
  }

  private Process begin(Redirect in, List<String> command) throws IOException {
    return own(new ProcessBuilder(command))
        .redirectInput(in)
        .redirectOutput(Redirect.to(directory.resolve("out").toFile()))
        .redirectError(Redirect.to(directory.resolve("err").toFile()))
        .start();
  }

  /** With this client's configuration. */
  private ProcessBuilder own(ProcessBuilder builder) {
    builder.environment().put("DOCKER_CONFIG", config.toString());
    builder.environment().put("HOME", directory.toString());
    builder.environment().remove("BUILDX_BUILDER");
    builder.environment().putAll(variables);
    return builder.directory(directory.toFile());
  }

  /** Waits for the end of what was begun last. */
  Outcome end(Process process, String... args) throws Exception {
    try {
      Assertions.assertTrue(
          process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS),
          () -> List.of(args) + " does not end: " + said());
      return new Outcome(
          process.exitValue(),
          Files.readString(directory.resolve("out")),
          Files.readString(directory.resolve("err")));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** What the last command has said on standard error until now. */
  String said() {
    return text("err");
  }

  private String text(String file) {
    try {
      return Files.readString(directory.resolve(file));
    } catch (IOException e) {
      return "";
    }
  }
}
