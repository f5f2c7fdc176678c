package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
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
  @TempDir private Path root;
  private @Nullable MeteredHost stage;

  @BeforeEach
  void open() throws Exception {
    stage = MeteredHost.open(root);
  }

  @AfterEach
  void close() throws Exception {
    if (stage != null) { // null where the test is skipped
      stage.close();
    }
  }

  private MeteredHost stage() {
    return Objects.requireNonNull(stage);
  }

  @Test
  void processWithoutSocketsIsQuiet() throws Exception {
    var reading = stage().seen(NetMode.SANDBOX, "true");
    assertTrue(reading.quiet());
    assertEquals(List.of(), reading.peers());
    assertTrue(stage().seen(NetMode.HOST, "true").quiet());
  }

  @Test
  void connectionIsSeenWithItsBytesBothWays() throws Exception {
    stage().host().serve(stage().host().outside(), MeteredHost.OUTSIDE, 7000);
    var reading =
        stage()
            .seen(
                NetMode.SANDBOX,
                "exec 3<>/dev/tcp/" + MeteredHost.OUTSIDE + "/7000; cat <&3; exec 3>&-");
    assertEquals(List.of("TCP 198.51.100.2:7000 ANSWERED"), MeteredHost.peers(reading));
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
        stage()
            .host()
            .thread()
            .run(
                scope ->
                    scope.inside(
                        stage().host().outside(),
                        () ->
                            new ServerSocket(
                                7001, 5, InetAddress.ofLiteral(MeteredHost.OUTSIDE))))) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try (var socket = server.accept()) {
                  socket.getInputStream().readNBytes(3_000_000);
                  socket.getOutputStream().write('.');
                } catch (IOException end) {
                  // The test sees that nothing arrived.
                }
              });
      var reading =
          stage()
              .seen(
                  NetMode.SANDBOX,
                  "exec 3<>/dev/tcp/"
                      + MeteredHost.OUTSIDE
                      + "/7001; head -c 3000000 /dev/zero >&3; head -c 1 <&3");
      long sent = reading.peers().getFirst().bytesSent();
      assertTrue(sent > 3_000_000 && sent < 3_600_000, "sent " + sent);
    }
  }

  @Test
  void datagramsAreSeenWithTheirExactBytes() throws Exception {
    stage().echo(stage().host().outside(), MeteredHost.OUTSIDE, 7002);
    var reading =
        stage()
            .seen(
                NetMode.SANDBOX,
                "exec 3<>/dev/udp/"
                    + MeteredHost.OUTSIDE
                    + "/7002; printf hello >&3; head -c 5 <&3");
    assertEquals(
        List.of(
            new Peer(
                Protocol.UDP,
                InetAddress.ofLiteral(MeteredHost.OUTSIDE),
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
        MeteredHost.peers(
            stage().seen(NetMode.SANDBOX, "printf x >/dev/udp/" + MeteredHost.OUTSIDE + "/7003")));
  }

  @Test
  void pingIsAPeerWithoutPort() throws Exception {
    var reading = stage().seen(NetMode.SANDBOX, "busybox ping -c 1 -W 2 " + MeteredHost.OUTSIDE);
    assertEquals(List.of("ICMP 198.51.100.2:0 ANSWERED"), MeteredHost.peers(reading));
    assertEquals(84, reading.peers().getFirst().bytesSent());
    assertFalse(reading.quiet());
  }

  @Test
  void refusedConnectionsAreSeenAlsoOnTheLoopback() throws Exception {
    var reading =
        stage()
            .seen(
                NetMode.SANDBOX,
                "(: >/dev/tcp/127.0.0.1/9); (: >/dev/tcp/::1/9); (: >/dev/tcp/"
                    + MeteredHost.OUTSIDE
                    + "/9)");
    assertEquals(
        List.of(
            "TCP 0:0:0:0:0:0:0:1:9 REFUSED",
            "TCP 127.0.0.1:9 REFUSED",
            "TCP 198.51.100.2:9 REFUSED"),
        MeteredHost.peers(reading));
  }

  @Test
  void mappedAddressCountsAsIp4() throws Exception {
    stage().host().serve(stage().host().outside(), MeteredHost.OUTSIDE, 7004);
    var reading =
        stage().seen(NetMode.SANDBOX, "cat </dev/tcp/::ffff:" + MeteredHost.OUTSIDE + "/7004");
    assertEquals(List.of("TCP 198.51.100.2:7004 ANSWERED"), MeteredHost.peers(reading));
    assertTrue(stage().seen(NetMode.SANDBOX, ": >/dev/tcp/::ffff:127.0.0.1/9").quiet());
  }

  @Test
  void peerThatConnectsToTheStepIsIncoming() throws Exception {
    try (var step = stage().meter().open("one", NetMode.SANDBOX)) {
      var process =
          MeteredHost.start(step, stage().host().host(), "busybox nc -l -p 7005 -e echo hello");
      try {
        var path = stage().host().outside().path().toString();
        TestHost.await(
            "the step's server answers",
            () -> {
              try {
                return stage().host().connect(path, TestHost.UPLINK, 7005).equals("hello\n");
              } catch (IOException notYet) {
                return false;
              }
            });
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      } finally {
        process.destroyForcibly();
      }
      var reading = step.read();
      assertEquals(List.of("TCP 198.51.100.2:0 ANSWERED in"), MeteredHost.peers(reading));
      assertFalse(reading.quiet());
    }
  }

  @Test
  void loopbackOnlyConversationIsQuietWhenIsolated() throws Exception {
    String script =
        "busybox nc -l -p 7006 -e echo hello & "
            + "for i in $(seq 200); do cat </dev/tcp/127.0.0.1/7006 && break; sleep 0.05; done; wait;"
            + " printf x >/dev/udp/127.0.0.1/7007";
    var reading = stage().seen(NetMode.SANDBOX, script);
    assertTrue(reading.quiet(), reading::toString);
    assertEquals(
        List.of(
            "TCP 127.0.0.1:0 ANSWERED in",
            "TCP 127.0.0.1:7006 ANSWERED",
            "UDP 127.0.0.1:7007 SILENT"),
        MeteredHost.peers(reading));
    assertFalse(stage().seen(NetMode.HOST, ": >/dev/tcp/127.0.0.1/9").quiet());
  }

  @Test
  void connectingADatagramSocketIsNotQuietThoughNoPacketLeaves() throws Exception {
    var reading = stage().seen(NetMode.SANDBOX, "exec 3<>/dev/udp/" + MeteredHost.OUTSIDE + "/9");
    assertEquals(List.of(), reading.peers());
    assertFalse(reading.quiet());
  }

  @Test
  void attemptWithoutARouteIsSeen() throws Exception {
    TestHost.sh(stage().host().host(), "ip route del default");
    var reading = stage().seen(NetMode.SANDBOX, ": >/dev/tcp/203.0.113.9/80");
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
      var reading = stage().seen(NetMode.HOST, ": >/dev/tcp/127.0.0.1/" + server.getLocalPort());
      assertEquals(
          List.of("TCP 127.0.0.1:" + server.getLocalPort() + " ANSWERED"),
          MeteredHost.peers(reading));
    }
  }

  @Test
  void questionsAboutInterfacesAreNotQuiet() throws Exception {
    Assumptions.assumeTrue(
        stage().seen(NetMode.SANDBOX, "true").notSeen().isEmpty(),
        "this kernel does not let BPF programs hang on its security hooks");
    assertFalse(stage().seen(NetMode.SANDBOX, "busybox ip addr").quiet(), "netlink");
    assertFalse(stage().seen(NetMode.SANDBOX, "busybox ifconfig").quiet(), "ioctl");
  }
}
