package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A real registry on this machine's loopback, without TLS; closing ends it. */
final class LoopbackRegistry implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);

  private final Process process;
  private final int port;
  private final Path log;

  private LoopbackRegistry(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /** Starts one whose files are below a directory. */
  static LoopbackRegistry start(Path directory) throws Exception {
    return start(directory, "");
  }

  /** Starts one that wants the user {@code builder} with the password {@code secret}. */
  static LoopbackRegistry guarded(Path directory) throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "builder:$2b$04$gjKsZPZH7.bxo1.fh6vFSeYNOq6Nr5No3lbXNPa8d5aPnuyelCKwq\n");
    return start(directory, "auth: {htpasswd: {realm: test, path: \"" + users + "\"}}\n");
  }

  private static LoopbackRegistry start(Path directory, String more) throws Exception {
    Path program = Commands.assumed("docker-registry");
    int port = HostServices.freePort();
    Path config = directory.resolve("registry.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "127.0.0.1:%d"}
        """
                .formatted(directory.resolve("registry"), port)
            + more);
    Path log = directory.resolve("registry.log");
    var process =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    var registry = new LoopbackRegistry(process, port, log);
    try (var client = HttpClient.newHttpClient()) {
      var ping = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/")).build();
      Commands.await(
          "the registry answers",
          START,
          () -> {
            try {
              int status = client.send(ping, BodyHandlers.discarding()).statusCode();
              return status == 200 || status == 401;
            } catch (IOException e) {
              return false;
            }
          });
    } catch (AssertionError | Exception failure) {
      registry.close();
      throw failure;
    }
    return registry;
  }

  /** What was asked for, one line for each request, about; the registry may write it later. */
  String log() throws IOException {
    return Files.readString(log);
  }

  int port() {
    return port;
  }

  /** Host and port, as in image names. */
  String name() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(START.toSeconds(), TimeUnit.SECONDS).join();
  }
}
