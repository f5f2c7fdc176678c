package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Peer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A network with a step's host in it, and a meter that sees few peers. Closing takes both away. */
final class MeteredHost {
  static final String OUTSIDE = TestHost.OUTSIDE;
  static final int FEW = 8;

  private final BpfKernel kernel = new LibcBpfKernel();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final TestHost host;
  private final SocketMeter meter;

  private MeteredHost(Path root) throws Exception {
    host = later(new TestHost());
    meter = later(new SocketMeter(kernel, root, FEW));
  }

  /** Makes one, or skips the test where that can not be. */
  static MeteredHost open(Path root) throws Exception {
    Assumptions.assumeTrue(
        new LibcKernel().effectiveUserId() == 0, "control groups and BPF need root");
    TestHost.assumeProgram("bash");
    var metered = new MeteredHost(root);
    assertFalse(metered.seen(NetMode.NONE, "true").toString().contains("BPF programs"));
    return metered;
  }

  BpfKernel kernel() {
    return kernel;
  }

  TestHost host() {
    return host;
  }

  SocketMeter meter() {
    return meter;
  }

  <T extends AutoCloseable> T later(T resource) {
    opened.add(resource);
    return resource;
  }

  /** What is seen of a script that runs in the test's host, or here in mode HOST. */
  Reading seen(NetMode mode, String script) throws Exception {
    try (var step = meter.open("one", mode)) {
      run(step, mode == NetMode.HOST ? null : host.host(), script);
      return step.read();
    }
  }

  static void run(StepMeter step, @Nullable Descriptor network, String script) throws Exception {
    var process = start(step, network, script);
    try {
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assertions.assertTrue(process.waitFor(30, TimeUnit.SECONDS), said);
    } finally {
      process.destroyForcibly();
    }
  }

  static Process start(StepMeter step, @Nullable Descriptor network, String script)
      throws IOException {
    var group = Objects.requireNonNull(step.group(), "it is not watched");
    var command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "{ echo 0 >\"$1/cgroup.threads\" || echo 0 >\"$1/cgroup.procs\"; } 2>/dev/null"
                    + " || exit 125; shift; exec \"$@\"",
                "sh",
                group.toString()));
    if (network != null) {
      command.addAll(List.of("nsenter", "--net=" + network.path()));
    }
    command.addAll(List.of("bash", "-c", script));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String peer(Peer peer) {
    return peer.protocol()
        + " "
        + peer.address().getHostAddress()
        + ":"
        + peer.port()
        + " "
        + peer.state()
        + (peer.incoming() ? " in" : "");
  }

  static List<String> peers(Reading reading) {
    return reading.peers().stream().map(MeteredHost::peer).toList();
  }

  /** Sends back each datagram. */
  void echo(Descriptor network, String address, int port) throws IOException {
    var socket =
        later(
            host.thread()
                .run(
                    scope ->
                        scope.inside(
                            network,
                            () -> new DatagramSocket(port, InetAddress.ofLiteral(address)))));
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              var packet = new DatagramPacket(new byte[2000], 2000);
              try {
                while (true) {
                  socket.receive(packet);
                  socket.send(packet);
                }
              } catch (IOException end) {
                // The end of the test.
              }
            });
  }

  void close() throws Exception {
    for (var resource : opened.reversed()) {
      resource.close();
    }
  }
}
