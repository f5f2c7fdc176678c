package dev.jbuild.cli.build;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Tells archives from text by their first bytes. */
final class Archives {
  private static final int USTAR_OFFSET = 257;
  private static final byte[] USTAR = "ustar".getBytes(StandardCharsets.US_ASCII);
  private static final List<byte[]> MAGICS =
      List.of(
          new byte[] {0x1f, (byte) 0x8b},
          new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0},
          new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd},
          new byte[] {'B', 'Z', 'h'});

  private Archives() {}

  static boolean looksLikeArchive(byte[] start) {
    for (byte[] magic : MAGICS) {
      if (startsWith(start, 0, magic)) {
        return true;
      }
    }
    return startsWith(start, USTAR_OFFSET, USTAR);
  }

  private static boolean startsWith(byte[] bytes, int offset, byte[] magic) {
    return bytes.length >= offset + magic.length
        && Arrays.equals(bytes, offset, offset + magic.length, magic, 0, magic.length);
  }
}
