package dev.jbuild.diff;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * One gzip member whose blocks are deflated in parallel: each block of 1 MiB takes the last 32 KiB
 * before it as its dictionary and ends on a byte boundary, so that the pieces can be written one
 * after the other. The bytes depend on the input and the level only, not on the number of threads.
 * Source: RFC 1952, RFC 1951. For one thread.
 */
final class ParallelGzip extends OutputStream {
  private static final int BLOCK = 1 << 20;
  private static final int DICTIONARY = 1 << 15;

  /** Time zero and an unknown system, so that nothing of this machine is in the bytes. */
  private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

  private final OutputStream out;
  private final int level;
  private final ExecutorService workers;
  private final int ahead;
  private final Deque<Future<byte[]>> pieces = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private byte[] block = new byte[BLOCK];
  private byte[] dictionary = {};
  private int filled;
  private long total;
  private boolean closed;

  /**
   * @param level 1 to 9
   * @param ahead how many blocks may wait or be worked on at once
   */
  ParallelGzip(OutputStream out, int level, ExecutorService workers, int ahead) throws IOException {
    this.out = out;
    this.level = level;
    this.workers = workers;
    this.ahead = ahead;
    out.write(HEADER);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, BLOCK - filled);
      System.arraycopy(bytes, at, block, filled, part);
      filled += part;
      at += part;
      left -= part;
      if (filled == BLOCK) {
        submit(false);
      }
    }
  }

  /** Writes the rest and the trailer; the stream below stays open for its owner to close. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      submit(true);
      while (!pieces.isEmpty()) {
        drainOne();
      }
      littleEndian((int) crc.getValue());
      littleEndian((int) total);
      out.flush();
    } finally {
      pieces.forEach(piece -> piece.cancel(true));
    }
  }

  private void submit(boolean last) throws IOException {
    byte[] full = block;
    int length = filled;
    byte[] before = dictionary;
    crc.update(full, 0, length);
    total += length;
    dictionary = tail(full, length);
    block = last ? new byte[0] : new byte[BLOCK];
    filled = 0;
    if (pieces.size() == ahead) {
      drainOne();
    }
    pieces.add(workers.submit(() -> deflate(full, length, before, level, last)));
  }

  private static byte[] tail(byte[] bytes, int length) {
    return Arrays.copyOfRange(bytes, Math.max(0, length - DICTIONARY), length);
  }

  private static byte[] deflate(
      byte[] input, int length, byte[] dictionary, int level, boolean last) {
    try (var deflater = new Deflater(level, true)) {
      if (dictionary.length > 0) {
        deflater.setDictionary(dictionary);
      }
      deflater.setInput(input, 0, length);
      if (last) {
        deflater.finish();
      }
      var piece = new ByteArrayOutputStream(length / 2 + 64);
      byte[] buffer = new byte[1 << 16];
      int mode = last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
      for (int n = deflater.deflate(buffer, 0, buffer.length, mode);
          n > 0;
          n = deflater.deflate(buffer, 0, buffer.length, mode)) {
        piece.write(buffer, 0, n);
        if (!last && n < buffer.length) {
          break; // a flush that did not fill the buffer is complete
        }
      }
      return piece.toByteArray();
    }
  }

  private void drainOne() throws IOException {
    try {
      out.write(pieces.removeFirst().get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("interrupted while compressing");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      throw new IllegalStateException("deflating a block", e.getCause());
    }
  }

  private void littleEndian(int value) throws IOException {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >>> shift);
    }
  }
}
