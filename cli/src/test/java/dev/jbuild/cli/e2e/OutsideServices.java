package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Servers on the {@link OutsideHost}; they and it end when this is closed. */
final class OutsideServices implements AutoCloseable {
  /** Where pages are. */
  static final int HTTP = 8000;

  /** In bytes, of {@code /file}. */
  static final int FILE_BYTES = 100_000;

  private static final Duration START = Duration.ofSeconds(30);

  private final OutsideHost host;
  private final List<Process> servers = new ArrayList<>();

  private OutsideServices(OutsideHost host) {
    this.host = host;
  }

  /**
   * A web server with {@code /file} at all addresses, and a resolver at {@link OutsideHost#THERE}
   * that knows {@code files.example} there and {@code other.example} at the other address.
   */
  static OutsideServices open(Path work) throws Exception {
    String python = Commands.assumed("python3").toString();
    var services = new OutsideServices(OutsideHost.open());
    try {
      Path site = Files.createTempDirectory(work, "site");
      Files.write(site.resolve("file"), new byte[FILE_BYTES]);
      services.start("busybox", "httpd", "-f", "-p", Integer.toString(HTTP), "-h", site.toString());
      services.host.awaitPort(HTTP);
      Path script = Path.of("..", "bench", "answers.py").toAbsolutePath();
      services.start(
          python,
          script.toString(),
          OutsideHost.THERE,
          "files.example=" + OutsideHost.THERE,
          "other.example=" + OutsideHost.ALSO_THERE);
      Commands.await(
          "the resolver outside", START, () -> services.host.sh("ss -Hlun").contains(":53 "));
      return services;
    } catch (AssertionError | Exception failure) {
      services.close();
      throw failure;
    }
  }

  OutsideHost host() {
    return host;
  }

  /** Starts a program there, which ends with this. */
  void start(String... command) throws IOException {
    servers.add(host.start(command));
  }

  @Override
  public void close() throws IOException {
    for (Process server : servers) {
      server.destroyForcibly();
    }
    host.close();
  }
}
