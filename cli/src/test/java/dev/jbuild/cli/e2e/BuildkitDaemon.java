package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * BuildKit itself, as Debian has it: within {@code dockerd}, in network, mount and process
 * namespaces of its own. Its services are reached through {@code docker buildx dial-stdio}, for
 * which this is a socket.
 */
final class BuildkitDaemon implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final long STOP_SECONDS = 30;

  private final Path directory;
  private final Process process;
  private final ServerSocketChannel socket;
  private final Set<Process> dials = ConcurrentHashMap.newKeySet();

  private BuildkitDaemon(Path directory, Process process, ServerSocketChannel socket) {
    this.directory = directory;
    this.process = process;
    this.socket = socket;
  }

  /** Below a directory, by whose name all that it leaves could be told. Skips without programs. */
  static BuildkitDaemon at(Path directory) throws Exception {
    Path programs = BuildxClient.TOOLS.resolve("moby");
    Assumptions.assumeTrue(
        Files.isExecutable(programs.resolve("dockerd")),
        "skipped: dockerd of a newer Debian is missing; tools/install test fetches it where that"
            + " can be reached");
    Path plugin = BuildxClient.plugin();
    for (String program : List.of("docker", "ip", "iptables", "unshare", "runc")) {
      Commands.assumed(program);
    }
    Files.createDirectories(directory.resolve("docker-config/cli-plugins"));
    Files.createSymbolicLink(directory.resolve("docker-config/cli-plugins/docker-buildx"), plugin);
    var builder =
        new ProcessBuilder(
            "unshare",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--propagation=slave",
            "sh",
            "-c",
            "mount -t tmpfs tmpfs /run && ip link set lo up && exec \"$@\"",
            "sh",
            "dockerd",
            "--data-root=" + directory.resolve("data"),
            "--exec-root=" + directory.resolve("exec"),
            "--pidfile=" + directory.resolve("pid"),
            "--host=unix://" + directory.resolve("docker.sock"),
            "--ip6tables=false",
            "--bip=172.31.200.1/24",
            "--feature=containerd-snapshotter=true",
            "--cgroup-parent=/" + group(directory));
    String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("PATH", programs + ":/usr/sbin:/sbin:" + path);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(directory.resolve("log").toFile()))
            .start();
    var address = UnixDomainSocketAddress.of(directory.resolve("buildkit.sock"));
    var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
    var daemon = new BuildkitDaemon(directory, process, socket);
    try {
      Commands.await("BuildKit is there", START, daemon::listens);
    } catch (AssertionError | Exception failure) {
      daemon.close();
      throw new AssertionError(
          "dockerd does not start: " + Files.readString(directory.resolve("log")), failure);
    }
    Thread.ofVirtual().start(daemon::accept);
    return daemon;
  }

  private static String group(Path directory) {
    return directory.toString().substring(1).replace('/', '-');
  }

  private boolean listens() throws IOException {
    Assertions.assertTrue(process.isAlive(), "it has ended");
    return Files.readString(directory.resolve("log")).contains("API listen on ");
  }

  /** For {@code --addr}. */
  String address() {
    return "unix://" + directory.resolve("buildkit.sock");
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = socket.accept();
        Thread.ofVirtual().start(() -> relay(client));
      }
    } catch (ClosedChannelException e) {
      // The end.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void relay(SocketChannel client) {
    var builder = new ProcessBuilder("docker", "buildx", "dial-stdio", "--builder=default");
    builder.environment().put("DOCKER_CONFIG", directory.resolve("docker-config").toString());
    builder.environment().put("DOCKER_HOST", "unix://" + directory.resolve("docker.sock"));
    builder.redirectError(Redirect.appendTo(directory.resolve("dial.log").toFile()));
    try (client) {
      Process dial = builder.start();
      dials.add(dial);
      Thread.ofVirtual().start(() -> sent(client, dial));
      try {
        dial.getInputStream().transferTo(Channels.newOutputStream(client));
      } finally {
        dial.destroyForcibly();
        dials.remove(dial);
      }
    } catch (IOException e) {
      // One side has hung up, which the other one is told by the end of its stream.
    }
  }

  private static void sent(SocketChannel client, Process dial) {
    try (var to = dial.getOutputStream()) {
      byte[] buffer = new byte[1 << 16];
      var from = Channels.newInputStream(client);
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        to.write(buffer, 0, n);
        to.flush();
      }
    } catch (IOException e) {
      dial.destroy();
    }
  }

  /** Ends it with all that it has begun. */
  @Override
  public void close() throws IOException {
    socket.close();
    dials.forEach(Process::destroyForcibly);
    process.destroyForcibly();
    var ended = process.onExit().completeOnTimeout(process, STOP_SECONDS, TimeUnit.SECONDS).join();
    Assertions.assertFalse(ended.isAlive(), "dockerd stays");
    try {
      Commands.await("its control groups are gone", START, this::groupsAreGone);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private boolean groupsAreGone() throws IOException, InterruptedException {
    String group = group(directory);
    Commands.sh(
        "find /sys/fs/cgroup -depth -type d -path '*/"
            + group
            + "*' -exec rmdir {} + 2>/dev/null || true");
    return Commands.sh("find /sys/fs/cgroup -type d -name '" + group + "'").isEmpty();
  }
}
