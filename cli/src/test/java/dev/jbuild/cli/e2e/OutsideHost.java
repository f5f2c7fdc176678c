package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Another host, played by a network namespace that is joined to this machine by a cable: this
 * machine is {@link #HERE} on it, the other one {@link #THERE} and {@link #ALSO_THERE}. The other
 * one has no route to any other address, as a host of the internet has none to private ones. All of
 * it goes when this is closed.
 */
final class OutsideHost implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  /** Of this JVM, as tests of other ones may run beside; for measurements, RFC 2544. */
  private static final String NET = "198.18." + ProcessHandle.current().pid() % 256 + ".";

  static final String HERE = NET + "1";
  static final String THERE = NET + "2";
  static final String ALSO_THERE = NET + "3";

  private final String name;
  private final String device;

  private OutsideHost(String name, String device) {
    this.name = name;
    this.device = device;
  }

  /** Makes namespace and cable. */
  static OutsideHost open() throws Exception {
    String id = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    var host = new OutsideHost("jbout" + id, "jbout" + id);
    host.removeAll();
    try {
      Commands.exec("ip", "netns", "add", host.name);
      Commands.sh(
          "ip link add %1$s type veth peer name eth0 netns %2$s".formatted(host.device, host.name));
      Commands.sh("ip addr add %s/24 dev %2$s && ip link set %2$s up".formatted(HERE, host.device));
      host.sh("ip addr add " + THERE + "/24 dev eth0; ip addr add " + ALSO_THERE + "/24 dev eth0");
      host.sh("ip link set eth0 up; ip link set lo up");
    } catch (AssertionError | IOException failure) {
      host.removeAll();
      throw failure;
    }
    return host;
  }

  /** A text in which {@code OUTSIDE} and {@code HERE} stand for the addresses. */
  static String addressed(String text) {
    return text.replace("OUTSIDE", THERE).replace("HERE", HERE);
  }

  /** The namespace's name. */
  String name() {
    return name;
  }

  /** The cable's end on this machine. */
  String device() {
    return device;
  }

  /** Runs a shell's command on the other host; it must succeed. */
  String sh(String command) throws Exception {
    return Commands.exec("ip", "netns", "exec", name, "sh", "-c", command);
  }

  /** Starts a program on the other host; the caller ends it. */
  Process start(String... command) throws IOException {
    var all = new ArrayList<String>(List.of("ip", "netns", "exec", name));
    all.addAll(List.of(command));
    return new ProcessBuilder(all).redirectErrorStream(true).start();
  }

  /** Waits until something listens at a port of the other host. */
  void awaitPort(int port) throws Exception {
    Commands.await(
        "port " + port + " outside",
        Duration.ofSeconds(LIMIT_SECONDS),
        () -> {
          try (var socket = new Socket(InetAddress.ofLiteral(THERE), port)) {
            return socket.isConnected();
          } catch (ConnectException e) {
            return false;
          }
        });
  }

  private void removeAll() throws IOException {
    String command = "ip link del %s; ip netns del %s".formatted(device, name);
    new ProcessBuilder("sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.DISCARD)
        .start()
        .onExit()
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  @Override
  public void close() throws IOException {
    removeAll();
  }
}
