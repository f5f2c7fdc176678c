package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.NetlinkSocket;
import dev.jbuild.linux.netlink.PacketLog;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RefusalLogTest {
  private static final String TCP4 =
      "4500003c000040004006000" + "0" + "0a590002c0000201" + "9c4001bb00000000000000005002";
  private static final InetAddress STEP = InetAddress.ofLiteral("10.89.0.2");

  /** A kernel that says nothing. */
  private static final class SilentSocket implements NetlinkSocket {
    @Override
    public void send(ByteBuffer messages) {}

    @Override
    public void receive(ByteBuffer datagram) {
      throw new AssertionError("nobody reads");
    }

    @Override
    public void close() {}
  }

  private final RefusalLog log = new RefusalLog(new PacketLog(new SilentSocket(), 7));

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  private static LoggedPacket packet(
      String source, String destination, Protocol protocol, int port) {
    return new LoggedPacket(
        InetAddress.ofLiteral(source), InetAddress.ofLiteral(destination), protocol, port);
  }

  @Test
  void headersOfBothFamiliesAreRead() {
    assertEquals(
        packet("10.89.0.2", "192.0.2.1", Protocol.TCP, 443), LoggedPacket.read(bytes(TCP4)));
    String ipv6 =
        "6000000000100"
            + "0"
            + "40"
            + "fd000000000000000000000000000002"
            + "20010db8000000000000000000000001";
    assertEquals(
        packet("fd00::2", "2001:db8::1", Protocol.UDP, 53),
        LoggedPacket.read(bytes(ipv6.substring(0, 12) + "1140" + ipv6.substring(16) + "9c400035")));
    // Behind a hop-by-hop header.
    assertEquals(
        packet("fd00::2", "2001:db8::1", Protocol.ICMP, 0),
        LoggedPacket.read(
            bytes(
                ipv6.substring(0, 12) + "0040" + ipv6.substring(16) + "3a00000000000000" + "80")));
  }

  @Test
  void laterFragmentsHaveNoPort() {
    assertEquals(
        packet("10.89.0.2", "192.0.2.1", Protocol.TCP, 0),
        LoggedPacket.read(bytes(TCP4.replace("00004000", "00000010"))));
  }

  @Test
  void whatIsCutOffIsReadAsFarAsItGoes() {
    assertEquals(
        packet("10.89.0.2", "192.0.2.1", Protocol.TCP, 0),
        LoggedPacket.read(bytes(TCP4.substring(0, 40))));
    assertNull(LoggedPacket.read(bytes(TCP4.substring(0, 38))));
    assertNull(LoggedPacket.read(bytes("44" + TCP4.substring(2))));
    assertNull(LoggedPacket.read(bytes("")));
    assertNull(LoggedPacket.read(bytes("50")));
  }

  @Test
  void randomPacketsAreReadOrPassedOver() throws IOException {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(130)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60 | random.nextInt(16));
      }
      var logged = new PacketLog.Logged("jb e1." + random.nextInt(), ByteBuffer.wrap(bytes));
      log.take(List.of(logged));
    }
    assertTrue(log.of(List.of(STEP)).isEmpty(), "seed " + seed);
  }

  @Test
  void equalAttemptsAreCountedAndOthersBounded() throws IOException {
    var one = new PacketLog.Logged("jb host", bytes(TCP4));
    log.take(List.of(one, one, new PacketLog.Logged("somebody else's", bytes(TCP4))));
    var attempt =
        new RefusalLog.Attempt(Protocol.TCP, InetAddress.ofLiteral("192.0.2.1"), 443, "host");
    assertEquals(List.of(new RefusalLog.Counted(attempt, 2)), log.of(List.of(STEP)));
    for (int port = 0; port < 1000; port++) {
      var buffer = bytes(TCP4);
      buffer.putShort(22, (short) port);
      log.take(List.of(new PacketLog.Logged("jb host", buffer)));
    }
    assertEquals(200, log.of(List.of(STEP)).size());
    log.forget(List.of(STEP));
    assertEquals(List.of(), log.of(List.of(STEP)));
  }

  @Test
  void stepsAreBounded() throws IOException {
    var sources = new ArrayList<InetAddress>();
    for (int i = 0; i < 5000; i++) {
      var buffer = bytes(TCP4);
      buffer.putShort(14, (short) i);
      sources.add(InetAddress.getByAddress(new byte[] {10, 89, (byte) (i >> 8), (byte) i}));
      log.take(List.of(new PacketLog.Logged("jb host", buffer)));
    }
    assertEquals(4096, log.of(sources).size());
  }

  @Test
  void wordsSayWhichRule() {
    var words =
        new RefusalWords(
            AccessHost.rules("deny=10.0.0.0/8"), AccessHost.rules("allow=a.org,deny=*"));
    assertEquals("deny=*", rule(words, "e7.1"));
    assertEquals("no rule allows it", rule(words, "e7.end"));
    assertEquals("no rule allows it", rule(words, "e7.99999999999"));
    assertEquals("deny=10.0.0.0/8 (configured)", rule(words, "c.0"));
    assertEquals("no rule allows it (configured)", rule(words, "c.end"));
    assertEquals("private addresses", rule(words, "private"));
    assertEquals("link-local and metadata addresses", rule(words, "metadata"));
  }

  private static String rule(RefusalWords words, String why) {
    var attempt = new RefusalLog.Attempt(Protocol.TCP, STEP, 1, why);
    return words.refusal(new RefusalLog.Counted(attempt, 1)).rule();
  }
}
