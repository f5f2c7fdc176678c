package dev.jbuild.cli.build;

import dev.jbuild.diff.Decompression;
import dev.jbuild.diff.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Tells archives from text by their first bytes. */
final class Archives {
  /** As many are looked at: the header of a tar. */
  static final int HEAD_BYTES = 512;

  private Archives() {}

  /** Whether a stream that begins so is compressed, or a tar. */
  static boolean looksLikeArchive(byte[] start) {
    if (Decompression.sniff(start) != Decompression.Format.PLAIN) {
      return true;
    }
    if (start.length < HEAD_BYTES || start[0] == 0) {
      return false;
    }
    try {
      return new TarReader(new ByteArrayInputStream(start, 0, HEAD_BYTES)).next() != null;
    } catch (IOException text) {
      return false;
    }
  }
}
