package dev.jbuild.diff;

import com.github.luben.zstd.ZstdOutputStream;
import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;

/**
 * Stores a tar as a layer blob: hashed, compressed and hashed again in one pass. Safe for use by
 * several threads.
 */
public final class LayerCompressor {
  /** The level when the user named none: of gzip two thirds less work than 6 for 3 % more bytes. */
  public static final int DEFAULT_LEVEL = 0;

  private static final int GZIP_LEVEL = 4;
  private static final int ZSTD_LEVEL = 3;
  private static final int BUFFER = 1 << 17;

  private final ContentStore content;
  private final ExecutorService workers;
  private final int threads;

  /**
   * @param workers run compression, on platform threads
   * @param threads how many of them one layer keeps busy
   */
  public LayerCompressor(ContentStore content, ExecutorService workers, int threads) {
    this.content = content;
    this.workers = workers;
    this.threads = threads;
  }

  /** Writes a tar. */
  public interface TarSource {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Stores the tar's blob.
   *
   * @param level of the compression, or {@link #DEFAULT_LEVEL}
   */
  public LayerBlob store(TarSource tar, Compression compression, int level) throws IOException {
    MessageDigest diffId = Digest.sha256();
    try (ContentStore.Ingest ingest = content.ingest()) {
      try (OutputStream blob = compress(new IngestStream(ingest), compression, level)) {
        var buffered = new BufferedOutputStream(new DigestOutputStream(blob, diffId), BUFFER);
        tar.writeTo(buffered);
        buffered.flush();
      }
      long size = ingest.written();
      return new LayerBlob(Digest.ofHash(diffId.digest()), ingest.commit(), size, compression);
    }
  }

  /** The digest of the uncompressed tar, without storing it. */
  public static Digest diffId(TarSource tar) throws IOException {
    MessageDigest hash = Digest.sha256();
    var buffered =
        new BufferedOutputStream(
            new DigestOutputStream(OutputStream.nullOutputStream(), hash), BUFFER);
    tar.writeTo(buffered);
    buffered.flush();
    return Digest.ofHash(hash.digest());
  }

  private OutputStream compress(OutputStream out, Compression compression, int level)
      throws IOException {
    return switch (compression) {
      case UNCOMPRESSED -> out;
      case GZIP ->
          new ParallelGzip(out, level == DEFAULT_LEVEL ? GZIP_LEVEL : level, workers, 2 * threads);
      case ZSTD -> {
        var zstd = new ZstdOutputStream(out, level == DEFAULT_LEVEL ? ZSTD_LEVEL : level);
        zstd.setCloseFrameOnFlush(false);
        yield zstd;
      }
    };
  }
}
