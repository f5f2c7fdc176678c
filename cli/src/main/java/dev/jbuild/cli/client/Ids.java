package dev.jbuild.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Names that no other client chooses. */
final class Ids {
  private static final Path RANDOM = Path.of("/dev/urandom");
  private static final int BYTES = 16;
  private static final int RADIX = 36;
  private static final int LENGTH = 25;

  private Ids() {}

  /** 25 characters of base 36, as the field's clients use for builds and sessions. */
  static String next() {
    String text = new BigInteger(1, random()).toString(RADIX);
    return "0".repeat(Math.max(0, LENGTH - text.length())) + text;
  }

  /** Straight from the kernel: the JDK's own generator loads 20 ms worth of security providers. */
  private static byte[] random() {
    try (InputStream in = Files.newInputStream(RANDOM)) {
      byte[] bytes = in.readNBytes(BYTES);
      if (bytes.length == BYTES) {
        return bytes;
      }
    } catch (IOException e) {
      // No such file in this sandbox; the slower way works everywhere.
    }
    UUID slow = UUID.randomUUID();
    return BigInteger.valueOf(slow.getMostSignificantBits())
        .shiftLeft(Long.SIZE)
        .xor(BigInteger.valueOf(slow.getLeastSignificantBits()))
        .toByteArray();
  }
}
