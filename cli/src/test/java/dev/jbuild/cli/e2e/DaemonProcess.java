package dev.jbuild.cli.e2e;

import dev.jbuild.daemon.Jbuildd;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/** A real {@code jbuildd} in a JVM of its own; closing ends it and waits for its end. */
final class DaemonProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final long STOP_SECONDS = 60;

  private final Process process;
  private final Path log;
  private final String address;

  private DaemonProcess(Process process, Path log, String address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /** Starts a daemon on a host's state directory and a socket beside it. */
  static DaemonProcess over(BuildHost host, String... flags) throws Exception {
    return at(host, "unix://" + host.work().resolve("jbuildd.sock"), flags);
  }

  /**
   * Starts a daemon on a host's state directory and waits until it listens at the address; TCP is
   * without TLS where no flag says how.
   */
  static DaemonProcess at(BuildHost host, String address, String... flags) throws Exception {
    return start(List.of(), host, address, flags);
  }

  /** Like {@link #over}, but it sees this file in place of another one. */
  static DaemonProcess seeing(Path file, String inPlaceOf, BuildHost host) throws Exception {
    return start(
        List.of(
            Commands.assumed("unshare").toString(),
            "--mount",
            "sh",
            "-c",
            "mount --bind " + file + " " + inPlaceOf + " && exec \"$@\"",
            "sh"),
        host,
        "unix://" + host.work().resolve("jbuildd.sock"));
  }

  private static DaemonProcess start(
      List<String> prefix, BuildHost host, String address, String... flags) throws Exception {
    Path log = Files.createTempFile(host.work(), "jbuildd", ".log");
    var command = new ArrayList<String>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Jbuildd.class.getName(),
            "--root=" + host.root(),
            "--addr=" + address));
    if (address.startsWith("tcp:") && Stream.of(flags).noneMatch(f -> f.startsWith("--tls"))) {
      command.add("--tcp-without-tls");
    }
    command.addAll(List.of(flags));
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    var daemon = new DaemonProcess(process, log, address);
    try {
      Commands.await("the daemon listens", START, daemon::listens);
    } catch (AssertionError | Exception failure) {
      daemon.close();
      throw new AssertionError("the daemon does not start: " + Files.readString(log), failure);
    }
    return daemon;
  }

  private boolean listens() throws IOException {
    Assertions.assertTrue(process.isAlive(), "the daemon has ended");
    return log().contains(" listens at ");
  }

  /** For {@code --addr}. */
  String address() {
    return address;
  }

  /** Of the JVM, to be signalled. */
  long processId() {
    return process.pid();
  }

  Process process() {
    return process;
  }

  /** What it has written so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.destroy();
    var ended =
        process
            .onExit()
            .thenApply(exited -> true)
            .completeOnTimeout(false, STOP_SECONDS, TimeUnit.SECONDS)
            .join();
    if (!ended) {
      process.destroyForcibly();
      Assertions.fail("the daemon did not end in " + STOP_SECONDS + " s");
    }
  }
}
