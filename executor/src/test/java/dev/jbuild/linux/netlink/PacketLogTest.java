package dev.jbuild.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Datagrams of a kernel that is played, some of it hostile. */
final class PacketLogTest {
  private static ByteBuffer datagram() {
    return ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());
  }

  private static void logged(ByteBuffer to) {
    to.putInt(16 + 4 + 12 + 8).putShort((short) (4 << 8)).putShort((short) 0).putInt(0).putInt(0);
    to.putInt(0);
    to.putShort((short) 12).putShort((short) 10);
    to.put("jb host\0".getBytes(StandardCharsets.UTF_8));
    to.putShort((short) 7).putShort((short) 9).put(new byte[] {1, 2, 3, 0});
  }

  private static void acknowledged(ByteBuffer to, int sequence) {
    to.putInt(36).putShort((short) 2).putShort((short) 0).putInt(sequence).putInt(0);
    to.putInt(0).put(new byte[16]);
  }

  @Test
  void packetsAndMarksAreTakenApart() throws IOException {
    var bytes = datagram();
    logged(bytes);
    acknowledged(bytes, 1007);
    acknowledged(bytes, 3);
    var packet = ByteBuffer.wrap(new byte[] {1, 2, 3});
    assertEquals(
        List.of(new PacketLog.Logged("jb host", packet), new PacketLog.Marked(7)),
        PacketLog.read(bytes.flip()));
  }

  @Test
  void messageOutsideOfItsDatagramIsRefused() {
    var bytes = datagram();
    logged(bytes);
    bytes.putInt(0, 400);
    var failure = assertThrows(IOException.class, () -> PacketLog.read(bytes.flip()));
    assertEquals("packet log: message of 400 bytes in the last 40", failure.getMessage());
  }

  @Test
  void randomBytesAreReadOrRefused() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 100_000; i++) {
      var bytes = datagram();
      logged(bytes);
      acknowledged(bytes, random.nextInt());
      for (int n = random.nextInt(6); n > 0; n--) {
        bytes.put(random.nextInt(bytes.position()), (byte) random.nextInt());
      }
      try {
        read += PacketLog.read(bytes.flip()).size();
      } catch (IOException expected) {
        // Broken, and said so.
      }
    }
    assertTrue(read > 0, "seed " + seed);
  }
}
