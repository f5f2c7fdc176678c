package dev.jbuild.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The real registry of the package {@code docker-registry}, on loopback, for one test. */
public final class DebianRegistry implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final Path SKOPEO = Path.of("/usr/bin/skopeo");

  private final Process process;
  private final int port;

  private DebianRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it, or skips the test where a program is missing. */
  public static DebianRegistry start(Path directory) throws IOException, InterruptedException {
    return start(directory, "", "");
  }

  /**
   * Starts it with more configuration.
   *
   * @param sections YAML, whole lines
   * @param http settings in braces' form: {@code , tls: {...}}
   */
  static DebianRegistry start(Path directory, String sections, String http)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.isExecutable(PROGRAM), "docker-registry is missing: apt-get install docker-registry");
    Assumptions.assumeTrue(Files.isExecutable(SKOPEO), "skopeo is missing: apt-get install skopeo");
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path config = directory.resolve("registry.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "127.0.0.1:%d"%s}
        %s
        """
            .formatted(directory.resolve("registry"), port, http, sections));
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("registry.log").toFile())
            .start();
    var started = new DebianRegistry(process, port);
    started.awaitListening();
    return started;
  }

  private void awaitListening() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
          throw e;
        }
      }
    }
  }

  public String host() {
    return "127.0.0.1:" + port;
  }

  /** Runs skopeo and gives what it printed. */
  public static String skopeo(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(SKOPEO.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + printed);
    }
    return printed;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
