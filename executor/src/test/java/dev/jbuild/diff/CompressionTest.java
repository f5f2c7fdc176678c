package dev.jbuild.diff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class CompressionTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000})
  void parallelGzipGivesTheBytesBack(int size) throws IOException {
    byte[] data = data(size);
    byte[] packed = gzip(data, 4, 3);
    try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      assertArrayEquals(data, in.readAllBytes());
    }
    assertArrayEquals(data, open(packed));
  }

  @Test
  void parallelGzipDoesNotDependOnTheNumberOfThreads() throws IOException {
    byte[] data = data(4_000_000);
    assertArrayEquals(gzip(data, 1, 1), gzip(data, 4, 8));
  }

  @Test
  void parallelGzipUsesWhatCameBefore() throws IOException {
    byte[] noise = new byte[20_000];
    new Random(1).nextBytes(noise);
    byte[] data = new byte[(1 << 20) + noise.length];
    System.arraycopy(noise, 0, data, (1 << 20) - noise.length, noise.length);
    System.arraycopy(noise, 0, data, 1 << 20, noise.length);
    assertTrue(gzip(data, 2, 2).length < 22_500, "the second block repeats the first one's end");
  }

  @Test
  void everyFormatIsKnownByItsFirstBytes() throws IOException {
    byte[] data = data(100_000);
    assertArrayEquals(data, open(data));
    assertArrayEquals(data, open(Zstd.compress(data)));
    var bzip2 = new ByteArrayOutputStream();
    try (var out = new BZip2CompressorOutputStream(bzip2)) {
      out.write(data);
    }
    assertArrayEquals(data, open(bzip2.toByteArray()));
    var xz = new ByteArrayOutputStream();
    try (var out = new XZOutputStream(xz, new LZMA2Options(1))) {
      out.write(data);
    }
    assertArrayEquals(data, open(xz.toByteArray()));
  }

  @Test
  void allMembersAndFramesAreRead() throws IOException {
    byte[] part = data(1000);
    byte[] twice = Arrays.copyOf(part, 2000);
    System.arraycopy(part, 0, twice, 1000, 1000);
    assertArrayEquals(twice, open(join(gzipPlain(part), gzipPlain(part))));
    assertArrayEquals(twice, open(join(Zstd.compress(part), Zstd.compress(part))));
  }

  @Test
  void aTruncatedStreamIsAnIoException() throws IOException {
    byte[] packed = gzip(data(100_000), 1, 1);
    assertThrows(IOException.class, () -> open(Arrays.copyOf(packed, packed.length / 2)));
    byte[] zstd = Zstd.compress(data(100_000));
    assertThrows(IOException.class, () -> open(Arrays.copyOf(zstd, zstd.length / 2)));
  }

  @Test
  void shortStreamsArePlain() {
    assertEquals(Decompression.Format.PLAIN, Decompression.sniff(new byte[] {0x1F, (byte) 0x8B}));
    assertEquals(Decompression.Format.PLAIN, Decompression.sniff(new byte[0]));
  }

  private static byte[] data(int size) {
    byte[] data = new byte[size];
    var random = new Random(size);
    for (int i = 0; i < size; i++) {
      data[i] = (byte) ('a' + random.nextInt(1 + i % 20));
    }
    return data;
  }

  private static byte[] gzip(byte[] data, int threads, int ahead) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var workers = Executors.newFixedThreadPool(threads);
        var gzip = new ParallelGzip(out, 4, workers, ahead)) {
      gzip.write(data, 0, data.length);
    }
    return out.toByteArray();
  }

  private static byte[] gzipPlain(byte[] data) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(data);
    }
    return out.toByteArray();
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static byte[] open(byte[] packed) throws IOException {
    try (InputStream in = Decompression.open(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }
}
