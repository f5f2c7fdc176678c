package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The real {@code docker buildx} with a configuration of its own; without it tests are skipped. */
final class Buildx {
  private static final long LIMIT_SECONDS = 60;
  private static final String PLUGIN = "cli-plugins/docker-buildx";

  private static final Path FETCHED = Path.of("/var/cache/jbuild-tools/docker-buildx");

  private final Path docker;
  private final Path config;

  /**
   * @param config directory that is made for it
   */
  Buildx(Path config) throws IOException {
    this.docker = Commands.assumed("docker");
    this.config = config;
    Optional<Path> plugin =
        Stream.of(
                System.getenv().getOrDefault("DOCKER_CONFIG", "/root/.docker"),
                "/root/.docker",
                "/usr/libexec/docker",
                "/usr/lib/docker",
                "/usr/local/lib/docker")
            .map(directory -> Path.of(directory, PLUGIN))
            .map(path -> Files.isExecutable(path) ? path : FETCHED)
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        plugin.isPresent(),
        "skipped: docker's plugin 'buildx' is missing; Debian has it as docker-buildx in newer"
            + " suites");
    Files.createDirectories(config.resolve("cli-plugins"));
    Files.createSymbolicLink(config.resolve(PLUGIN), plugin.orElseThrow().toRealPath());
  }

  /** Makes a builder of a daemon and uses it from here on. */
  void use(String address) throws IOException, InterruptedException {
    run("create", "--name", "here", "--use", "--driver", "remote", address);
  }

  /** Runs a command, which must succeed; gives what it says on both streams. */
  String run(String... args) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of(docker.toString(), "buildx"));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("DOCKER_CONFIG", config.toString());
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assertions.assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), said);
      Assertions.assertEquals(0, process.exitValue(), command + ":\n" + said);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
