package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowTest {
  private static byte[] entry(String address, String port, String protocol, String rest) {
    return HexFormat.of()
        .parseHex(
            ("0700000000000000" + address + port + protocol + "0000000000" + rest)
                .replace(" ", ""));
  }

  private static final String IP4 = "00000000000000000000ffff c6336402";
  private static final String IP6 = "20010db8000000000000000000000001";
  private static final String BOTH_WAYS =
      "3412000000000000 0000000001000000 03000000 05000000 01000000 00000000";

  @Test
  void entryIsReadFieldByField() throws Exception {
    assertEquals(
        new Flow(
            7,
            InetAddress.ofLiteral("198.51.100.2"),
            5432,
            6,
            0x1234,
            1L << 32,
            3,
            5,
            Flow.ACCEPTED,
            false),
        Flow.read(entry(IP4, "3815", "06", BOTH_WAYS)));
  }

  @Test
  void mappedAddressIsIp4AndAnyOtherIp6() {
    assertEquals(
        new Peer(
            Protocol.UDP,
            InetAddress.ofLiteral("198.51.100.2"),
            53,
            "",
            0x1234,
            1L << 32,
            Peer.State.ANSWERED,
            false),
        Flow.read(entry(IP4, "3500", "11", BOTH_WAYS)).peer());
    assertEquals(
        InetAddress.ofLiteral("2001:db8::1"),
        Flow.read(entry(IP6, "ffff", "01", BOTH_WAYS)).peer().address());
  }

  @Test
  void resetInPlaceOfAConnectionIsARefusal() {
    var peer =
        Flow.read(
                entry(
                    IP4,
                    "0900",
                    "06",
                    "3c00000000000000 2800000000000000 01000000 01000000 02000000 00000000"))
            .peer();
    assertEquals(Peer.State.REFUSED, peer.state());
  }

  @Test
  void attemptWithoutAnAnswerIsSilent() {
    var peer =
        Flow.read(
                entry(
                    IP4,
                    "0900",
                    "84",
                    "3c00000000000000 0000000000000000 01000000 00000000 00000000 00000000"))
            .peer();
    assertEquals(Peer.State.SILENT, peer.state());
    assertEquals(Protocol.OTHER, peer.protocol());
  }

  @Test
  void whoeverBeganIsThere() {
    var peer =
        Flow.read(
                entry(
                    IP4,
                    "0000",
                    "11",
                    "0000000000000000 3c00000000000000 00000000 01000000 00000000 01000000"))
            .peer();
    assertEquals(Peer.State.ANSWERED, peer.state());
    assertTrue(peer.incoming());
  }

  @Test
  void anyBytesOfTheRightLengthAreReadAndNoOthers() {
    var random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      if (bytes.length == Flow.KEY_BYTES + Flow.VALUE_BYTES) {
        var peer = Flow.read(bytes).peer();
        assertTrue(peer.port() >= 0 && peer.port() <= 65_535, peer::toString);
      } else {
        assertThrows(IllegalArgumentException.class, () -> Flow.read(bytes));
      }
      byte[] counts = Arrays.copyOf(bytes, StepCounts.BYTES);
      assertEquals(counts[28] & 0xff, StepCounts.read(counts).lost() & 0xff);
    }
  }
}
