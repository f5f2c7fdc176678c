package dev.jbuild.network;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.linux.libc.LibcNetworkKernel;
import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.linux.netlink.RouteBatch;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A host inside a namespace of its own, with an uplink 198.51.100.1/24 to another namespace that
 * plays the world outside, 198.51.100.2. Nothing of it touches the machine that runs the tests; it
 * all goes when this is closed.
 */
public final class TestHost implements AutoCloseable {
  public static final String UPLINK = "198.51.100.1";
  public static final String OUTSIDE = "198.51.100.2";
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final int CONNECT_MILLIS = 3000;

  private final LibcNetworkKernel kernel = new LibcNetworkKernel();
  private final NetworkThread machine = new NetworkThread(kernel, null);
  private final List<Closeable> opened = new ArrayList<>();
  private final Descriptor host;
  private final Descriptor outside;
  private final NetworkThread thread;

  public TestHost() throws Exception {
    this(1500);
  }

  public TestHost(int mtu) throws Exception {
    Kernel files = new LibcKernel();
    Assumptions.assumeTrue(
        (files.effectiveCapabilities() & CAP_SYS_ADMIN) != 0,
        "network namespaces need CAP_SYS_ADMIN");
    for (String program : List.of("nsenter", "nft", "ip", "busybox")) {
      assumeProgram(program);
    }
    host = network();
    outside = network();
    thread = new NetworkThread(kernel, host);
    sh(
        host,
        "ip link add up0 mtu %d type veth peer name eth0 mtu %d netns /proc/%d/fd/%d"
            .formatted(mtu, mtu, files.processId(), outside.number()));
    sh(host, "ip addr add 198.51.100.1/24 dev up0; ip link set up0 up");
    sh(outside, "ip addr add 198.51.100.2/24 dev eth0; ip link set eth0 up");
    // A new namespace has the machine's value, which somebody may have changed.
    sh(host, "ip route add default via 198.51.100.2; echo 0 > /proc/sys/net/ipv4/ip_forward");
  }

  /** Skips the test without the program. */
  public static void assumeProgram(String program) {
    Assumptions.assumeTrue(
        Arrays.stream("/usr/sbin:/usr/bin:/sbin:/bin".split(":", -1))
            .anyMatch(directory -> Path.of(directory, program).toFile().canExecute()),
        "the program '" + program + "' is not installed");
  }

  private Descriptor network() throws IOException {
    var made =
        machine.run(
            scope -> {
              try (var network = scope.makeNetwork()) {
                network.links().exchange(new RouteBatch().loopbackUp().batch());
                return network.network();
              }
            });
    opened.add(made::close);
    return made;
  }

  /** The thread whose host is this one. */
  public NetworkThread thread() {
    return thread;
  }

  public Descriptor host() {
    return host;
  }

  public Descriptor outside() {
    return outside;
  }

  /** Names of all links of this host, sorted. */
  public List<String> links() throws IOException {
    return thread.run(
        scope -> {
          var names = new ArrayList<String>();
          for (var reply : scope.links().dump(scope.batch().links().batch())) {
            names.add(Link.read(reply).name());
          }
          names.sort(null);
          return names;
        });
  }

  /** Runs a shell's command inside a namespace and gives what it writes; it must succeed. */
  public static String sh(Descriptor network, String command) throws Exception {
    return sh(network.path().toString(), command);
  }

  /** Runs a shell's command inside a namespace and gives what it writes; it must succeed. */
  public static String sh(String namespacePath, String command) throws Exception {
    return exec("nsenter", "--net=" + namespacePath, "sh", "-c", command);
  }

  /** Runs a command and gives what it writes; it must succeed. */
  public static String exec(String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assertions.assertTrue(process.waitFor(30, TimeUnit.SECONDS), () -> "no end: " + said);
      Assertions.assertEquals(0, process.exitValue(), () -> List.of(command) + ": " + said);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  /** A server that greets whoever connects with the peer's address as it sees it. */
  public void serve(Descriptor network, String address, int port) throws IOException {
    var server =
        machine.run(
            scope ->
                scope.inside(
                    network, () -> new ServerSocket(port, 50, InetAddress.ofLiteral(address))));
    opened.add(server);
    Thread.ofPlatform().daemon().start(() -> greet(server));
  }

  private static void greet(ServerSocket server) {
    try {
      while (true) {
        try (var peer = server.accept()) {
          peer.getOutputStream()
              .write(peer.getInetAddress().getHostAddress().getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  /** What a server says to somebody in the namespace; a refusal is a ConnectException. */
  public String connect(String namespacePath, String address, int port) throws IOException {
    try (var network = kernel.openNetwork(Path.of(namespacePath));
        var socket =
            machine.run(
                scope ->
                    scope.inside(
                        network,
                        () -> {
                          var made = new Socket();
                          made.connect(
                              new InetSocketAddress(InetAddress.ofLiteral(address), port),
                              CONNECT_MILLIS);
                          return made;
                        }))) {
      socket.setSoTimeout(CONNECT_MILLIS);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A server in a namespace known by its path. */
  public void serve(String namespacePath, String address, int port) throws IOException {
    try (var network = kernel.openNetwork(Path.of(namespacePath))) {
      serve(network, address, port);
    }
  }

  /** Waits up to ten seconds. */
  public static void await(String what, BooleanSupplier condition) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
          }
        },
        what);
  }

  @Override
  public void close() throws IOException {
    for (var resource : opened.reversed()) {
      resource.close();
    }
    thread.close();
    machine.close();
  }
}
