package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.NetMode;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real sockets of real processes, seen by real programs in the kernel. */
@Tag("root")
@Timeout(60)
final class SocketMeterTest {
  private static final String OUTSIDE = TestHost.OUTSIDE;
  private static final int FEW = 8;

  private final BpfKernel kernel = new LibcBpfKernel();
  private final List<AutoCloseable> opened = new ArrayList<>();
  @TempDir private Path root;
  private @Nullable TestHost host;
  private @Nullable SocketMeter meter;

  @BeforeEach
  void open() throws Exception {
    Assumptions.assumeTrue(
        new LibcKernel().effectiveUserId() == 0, "control groups and BPF need root");
    TestHost.assumeProgram("bash");
    host = later(new TestHost());
    meter = later(new SocketMeter(kernel, root, FEW));
    assertFalse(seen(NetMode.NONE, "true").toString().contains("BPF programs"));
  }

  private <T extends AutoCloseable> T later(T resource) {
    opened.add(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (var resource : opened.reversed()) {
      resource.close();
    }
  }

  private TestHost host() {
    return Objects.requireNonNull(host);
  }

  private SocketMeter meter() {
    return Objects.requireNonNull(meter);
  }

  /** What is seen of a script that runs in the test's host, or here in mode HOST. */
  private Reading seen(NetMode mode, String script) throws Exception {
    try (var step = meter().open("one", mode)) {
      run(step, mode == NetMode.HOST ? null : host().host(), script);
      return step.read();
    }
  }

  private static void run(StepMeter step, @Nullable Descriptor network, String script)
      throws Exception {
    var process = start(step, network, script);
    try {
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assertions.assertTrue(process.waitFor(30, TimeUnit.SECONDS), said);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(StepMeter step, @Nullable Descriptor network, String script)
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

  private static List<String> peers(Reading reading) {
    return reading.peers().stream().map(SocketMeterTest::peer).toList();
  }

  /** Sends back each datagram. */
  private void echo(Descriptor network, String address, int port) throws IOException {
    var socket =
        later(
            host()
                .thread()
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

  @Test
  void processWithoutSocketsIsQuiet() throws Exception {
    var reading = seen(NetMode.SANDBOX, "true");
    assertTrue(reading.quiet());
    assertEquals(List.of(), reading.peers());
    assertTrue(seen(NetMode.HOST, "true").quiet());
  }

  @Test
  void connectionIsSeenWithItsBytesBothWays() throws Exception {
    host().serve(host().outside(), OUTSIDE, 7000);
    var reading =
        seen(NetMode.SANDBOX, "exec 3<>/dev/tcp/" + OUTSIDE + "/7000; cat <&3; exec 3>&-");
    assertEquals(List.of("TCP 198.51.100.2:7000 ANSWERED"), peers(reading));
    var peer = reading.peers().getFirst();
    // At least SYN, ACK, FIN; SYN-ACK, the greeting and FIN.
    assertTrue(peer.bytesSent() >= 60 + 52 + 52 && peer.bytesSent() < 600, peer::toString);
    assertTrue(
        peer.bytesReceived() >= 60 + 52 + TestHost.UPLINK.length() && peer.bytesReceived() < 600,
        peer::toString);
    assertFalse(reading.quiet());
  }

  @Test
  void bytesOfALongTransferAddUp() throws Exception {
    try (var server =
        host()
            .thread()
            .run(
                scope ->
                    scope.inside(
                        host().outside(),
                        () -> new ServerSocket(7001, 5, InetAddress.ofLiteral(OUTSIDE))))) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try (var socket = server.accept()) {
                  socket.getInputStream().readAllBytes();
                } catch (IOException end) {
                  // The test sees that nothing arrived.
                }
              });
      var reading =
          seen(NetMode.SANDBOX, "head -c 3000000 /dev/zero >/dev/tcp/" + OUTSIDE + "/7001");
      long sent = reading.peers().getFirst().bytesSent();
      assertTrue(sent > 3_000_000 && sent < 3_600_000, "sent " + sent);
    }
  }

  @Test
  void datagramsAreSeenWithTheirExactBytes() throws Exception {
    echo(host().outside(), OUTSIDE, 7002);
    var reading =
        seen(
            NetMode.SANDBOX,
            "exec 3<>/dev/udp/" + OUTSIDE + "/7002; printf hello >&3; head -c 5 <&3");
    assertEquals(
        List.of(
            new Peer(
                Protocol.UDP,
                InetAddress.ofLiteral(OUTSIDE),
                7002,
                "",
                33,
                33,
                State.ANSWERED,
                false)),
        reading.peers());
    assertFalse(reading.quiet());
  }

  @Test
  void datagramThatNobodyAnswersIsSilent() throws Exception {
    assertEquals(
        List.of("UDP 198.51.100.2:7003 SILENT"),
        peers(seen(NetMode.SANDBOX, "printf x >/dev/udp/" + OUTSIDE + "/7003")));
  }

  @Test
  void pingIsAPeerWithoutPort() throws Exception {
    var reading = seen(NetMode.SANDBOX, "busybox ping -c 1 -W 2 " + OUTSIDE);
    assertEquals(List.of("ICMP 198.51.100.2:0 ANSWERED"), peers(reading));
    assertEquals(84, reading.peers().getFirst().bytesSent());
    assertFalse(reading.quiet());
  }

  @Test
  void refusedConnectionsAreSeenAlsoOnTheLoopback() throws Exception {
    var reading =
        seen(
            NetMode.SANDBOX,
            "(: >/dev/tcp/127.0.0.1/9); (: >/dev/tcp/::1/9); (: >/dev/tcp/" + OUTSIDE + "/9)");
    assertEquals(
        List.of(
            "TCP 0:0:0:0:0:0:0:1:9 REFUSED",
            "TCP 127.0.0.1:9 REFUSED",
            "TCP 198.51.100.2:9 REFUSED"),
        peers(reading));
  }

  @Test
  void mappedAddressCountsAsIp4() throws Exception {
    host().serve(host().outside(), OUTSIDE, 7004);
    var reading = seen(NetMode.SANDBOX, "cat </dev/tcp/::ffff:" + OUTSIDE + "/7004");
    assertEquals(List.of("TCP 198.51.100.2:7004 ANSWERED"), peers(reading));
    assertTrue(seen(NetMode.SANDBOX, ": >/dev/tcp/::ffff:127.0.0.1/9").quiet());
  }

  @Test
  void peerThatConnectsToTheStepIsIncoming() throws Exception {
    try (var step = meter().open("one", NetMode.SANDBOX)) {
      var process = start(step, host().host(), "busybox nc -l -p 7005 -e echo hello");
      try {
        var path = host().outside().path().toString();
        TestHost.await(
            "the step's server answers",
            () -> {
              try {
                return host().connect(path, TestHost.UPLINK, 7005).equals("hello\n");
              } catch (IOException notYet) {
                return false;
              }
            });
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      } finally {
        process.destroyForcibly();
      }
      var reading = step.read();
      assertEquals(List.of("TCP 198.51.100.2:0 ANSWERED in"), peers(reading));
      assertFalse(reading.quiet());
    }
  }

  @Test
  void loopbackOnlyConversationIsQuietWhenIsolated() throws Exception {
    String script =
        "busybox nc -l -p 7006 -e echo hello & "
            + "for i in $(seq 200); do cat </dev/tcp/127.0.0.1/7006 && break; sleep 0.05; done; wait;"
            + " printf x >/dev/udp/127.0.0.1/7007";
    var reading = seen(NetMode.SANDBOX, script);
    assertTrue(reading.quiet(), reading::toString);
    assertEquals(
        List.of(
            "TCP 127.0.0.1:0 ANSWERED in",
            "TCP 127.0.0.1:7006 ANSWERED",
            "UDP 127.0.0.1:7007 SILENT"),
        peers(reading));
    assertFalse(seen(NetMode.HOST, ": >/dev/tcp/127.0.0.1/9").quiet());
  }

  @Test
  void connectingADatagramSocketIsNotQuietThoughNoPacketLeaves() throws Exception {
    var reading = seen(NetMode.SANDBOX, "exec 3<>/dev/udp/" + OUTSIDE + "/9");
    assertEquals(List.of(), reading.peers());
    assertFalse(reading.quiet());
  }

  @Test
  void attemptWithoutARouteIsSeen() throws Exception {
    TestHost.sh(host().host(), "ip route del default");
    var reading = seen(NetMode.SANDBOX, ": >/dev/tcp/203.0.113.9/80");
    assertEquals(
        List.of(
            new Peer(
                Protocol.TCP,
                InetAddress.ofLiteral("203.0.113.9"),
                80,
                "",
                0,
                0,
                State.SILENT,
                false)),
        reading.peers());
    assertFalse(reading.quiet());
  }

  @Test
  void hostModeSeesPeersOfTheHostsNetwork() throws Exception {
    try (var server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      var reading = seen(NetMode.HOST, ": >/dev/tcp/127.0.0.1/" + server.getLocalPort());
      assertEquals(List.of("TCP 127.0.0.1:" + server.getLocalPort() + " ANSWERED"), peers(reading));
    }
  }

  @Test
  void groupsThatAStepMakesForItselfAreSeenToo() throws Exception {
    try (var step = meter().open("one", NetMode.SANDBOX)) {
      var group = Objects.requireNonNull(step.group());
      var inner = Files.createDirectory(group.resolve("inner"));
      var type = inner.resolve("cgroup.type");
      if (Files.readString(group.resolve("cgroup.type")).startsWith("threaded")) {
        Files.writeString(type, "threaded");
      }
      StepMeter below = new Below(inner);
      run(below, host().host(), ": >/dev/tcp/127.0.0.1/9");
      assertEquals(List.of("TCP 127.0.0.1:9 REFUSED"), peers(step.read()));
    }
  }

  /** A group below a step's. */
  private record Below(Path group) implements StepMeter {
    @Override
    public Reading read() {
      throw new IllegalStateException();
    }

    @Override
    public void close() {}
  }

  @Test
  void stepsAtTheSameTimeAreToldApart() throws Exception {
    try (var one = meter().open("one", NetMode.SANDBOX);
        var two = meter().open("two", NetMode.SANDBOX)) {
      var first = start(one, host().host(), "printf x >/dev/udp/" + OUTSIDE + "/1001");
      var second = start(two, host().host(), "printf x >/dev/udp/" + OUTSIDE + "/1002");
      assertEquals(0, first.waitFor());
      assertEquals(0, second.waitFor());
      assertEquals(List.of("UDP 198.51.100.2:1001 SILENT"), peers(one.read()));
      assertEquals(List.of("UDP 198.51.100.2:1002 SILENT"), peers(two.read()));
    }
  }

  @Test
  void tooManyPeersAreSaidAndDoNotFillTheTableForOthers() throws Exception {
    String many = "for i in $(seq 1001 1030); do printf x >/dev/udp/" + OUTSIDE + "/$i; done";
    for (int i = 0; i < 6; i++) {
      var reading = seen(NetMode.SANDBOX, many);
      assertEquals(FEW, reading.peers().size());
      assertEquals(
          "the step had more than 8 peers: others are not listed", reading.notSeen().getLast());
      assertFalse(reading.quiet());
    }
    assertEquals(
        List.of("UDP 198.51.100.2:1001 SILENT"),
        peers(seen(NetMode.SANDBOX, "printf x >/dev/udp/" + OUTSIDE + "/1001")));
  }

  @Test
  void questionsAboutInterfacesAreNotQuiet() throws Exception {
    Assumptions.assumeTrue(
        seen(NetMode.SANDBOX, "true").notSeen().isEmpty(),
        "this kernel does not let BPF programs hang on its security hooks");
    assertFalse(seen(NetMode.SANDBOX, "busybox ip addr").quiet(), "netlink");
    assertFalse(seen(NetMode.SANDBOX, "busybox ifconfig").quiet(), "ioctl");
  }

  @Test
  void leftoversOfAKilledProcessGoAtTheNextStart() throws Exception {
    var killed = new SocketMeter(kernel, root.resolve("other"), FEW);
    var left = killed.open("one", NetMode.NONE).group();
    try (var next = new SocketMeter(kernel, root.resolve("other"), FEW)) {
      next.warmUp();
      assertTrue(left != null && !Files.exists(left), String.valueOf(left));
      try (var step = next.open("two", NetMode.SANDBOX)) {
        run(step, host().host(), ": >/dev/tcp/127.0.0.1/9");
        assertEquals(List.of("TCP 127.0.0.1:9 REFUSED"), peers(step.read()));
      }
    }
    assertTrue(left != null && !Files.exists(left.resolve("..")), String.valueOf(left));
    killed.close();
  }

  @Test
  void nothingIsLeftAfterTheEnd() throws Exception {
    var own = new SocketMeter(kernel, root.resolve("third"), FEW);
    Path group;
    try (own;
        var step = own.open("one", NetMode.NONE)) {
      group = Objects.requireNonNull(step.group());
    }
    String name = String.valueOf(Objects.requireNonNull(group.getParent()).getFileName());
    assertEquals("", TestHost.exec("find", "/sys/fs/cgroup", "-name", name));
  }
}
