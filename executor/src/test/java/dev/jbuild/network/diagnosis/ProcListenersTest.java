package dev.jbuild.network.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcListenersTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

  @TempDir Path net;

  private static Listener listener(Protocol protocol, String address, int port) {
    return new Listener(protocol, InetAddress.ofLiteral(address), port);
  }

  private List<Listener> listeners() throws IOException {
    return new ProcListeners(net).listeners();
  }

  @Test
  void readsTheTablesOfALittleEndianMachine() throws IOException {
    Assumptions.assumeTrue(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the tables are in native order");
    Files.writeString(
        net.resolve("tcp"),
        HEAD
            + "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0\n"
            + "   1: 0100007F:1539 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   0\n");
    Files.writeString(
        net.resolve("tcp6"),
        HEAD
            + "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000"
            + " 0A 00000000:00000000\n"
            + "   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000"
            + " 0A 00000000:00000000\n"
            + "   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000"
            + " 0A 00000000:00000000\n");
    Files.writeString(
        net.resolve("udp"), HEAD + " 10: 3500007F:0035 00000000:0000 07 00000000:00000000\n");

    assertEquals(
        List.of(
            listener(Protocol.TCP, "127.0.0.1", 5432),
            listener(Protocol.TCP, "::", 8080),
            listener(Protocol.TCP, "::1", 80),
            listener(Protocol.TCP, "127.0.0.1", 81),
            listener(Protocol.UDP, "127.0.0.53", 53)),
        listeners());
  }

  @Test
  void whatIsNotAsExpectedIsPassedOver() throws IOException {
    Files.writeString(
        net.resolve("tcp"),
        HEAD
            + "\n"
            + " 0:\n"
            + " 0: 0100007F 00000000:0000 0A\n"
            + " 0: :1538 00000000:0000 0A\n"
            + " 0: 0100007F: 00000000:0000 0A\n"
            + " 0: 0100007F:0000 00000000:0000 0A\n"
            + " 0: 0100007F:1538FFFFF 00000000:0000 0A\n"
            + " 0: 0100007:1538 00000000:0000 0A\n"
            + " 0: 01000G7F:1538 00000000:0000 0A\n"
            + " 0: 010000000000007F:1538 00000000:0000 0A\n"
            + " 0: 0100007F:-001 00000000:0000 0A\n"
            + " 0: 0100007F:1538 00000000:0000 0a\n");

    assertEquals(List.of(), listeners());
  }

  @Test
  void tablesThatAreMissingAreEmpty() throws IOException {
    assertEquals(List.of(), listeners());
  }

  @Test
  void findsRealSockets() throws IOException {
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    Path real = Path.of("/proc/self/net");
    Assumptions.assumeTrue(Files.exists(real.resolve("tcp")), "there is no /proc/self/net/tcp");
    try (var tcp = new ServerSocket(0, 1, loopback);
        var udp = new DatagramSocket(0, loopback)) {
      List<Listener> found = new ProcListeners(real).listeners();

      assertTrue(found.contains(new Listener(Protocol.TCP, loopback, tcp.getLocalPort())));
      assertTrue(found.contains(new Listener(Protocol.UDP, loopback, udp.getLocalPort())));
    }
  }
}
