package dev.jbuild.diff;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Opens a stream by what its first bytes say it is, never by its name. */
public final class Decompression {
  private static final int BUFFER = 1 << 16;
  private static final int XZ_MEMORY_KIB = 128 << 10;

  /** What a stream begins with. */
  public enum Format {
    PLAIN,
    GZIP,
    ZSTD,
    BZIP2,
    XZ
  }

  private Decompression() {}

  /**
   * The bytes of the stream, decompressed: all members of a gzip, all frames of a zstd stream.
   *
   * @throws TarException when the compressed stream is broken from its start; reading throws it
   *     when it is broken or ends later
   */
  public static InputStream open(InputStream compressed) throws IOException {
    var in = new BufferedInputStream(compressed, BUFFER);
    in.mark(16);
    byte[] start = in.readNBytes(6);
    in.reset();
    try {
      return switch (sniff(start)) {
        case PLAIN -> in;
        case GZIP ->
            opened(
                GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get());
        case ZSTD -> opened(new ZstdInputStream(in));
        case BZIP2 -> opened(new BZip2CompressorInputStream(in, true));
        case XZ -> opened(new XZInputStream(in, XZ_MEMORY_KIB));
      };
    } catch (IOException e) {
      throw new TarException("compressed stream: " + e.getMessage(), e);
    }
  }

  private static InputStream opened(InputStream decompressed) {
    return new BufferedInputStream(new PackedStream(decompressed), BUFFER);
  }

  /** The format of a stream that begins so; six bytes are enough. Source: oci-facts, section 1. */
  public static Format sniff(byte[] start) {
    if (begins(start, 0x1F, 0x8B, 0x08)) {
      return Format.GZIP;
    }
    if (begins(start, 0x28, 0xB5, 0x2F, 0xFD)
        || (start.length >= 4
            && (start[0] & 0xF0) == 0x50
            && begins(Arrays.copyOfRange(start, 1, 4), 0x2A, 0x4D, 0x18))) {
      return Format.ZSTD;
    }
    if (begins(start, 0x42, 0x5A, 0x68)) {
      return Format.BZIP2;
    }
    return begins(start, 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00) ? Format.XZ : Format.PLAIN;
  }

  private static boolean begins(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (Byte.toUnsignedInt(bytes[i]) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
