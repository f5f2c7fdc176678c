package dev.jbuild.daemon.history;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A part of an open file, which stays readable when the file is deleted meanwhile. Safe for use by
 * several threads.
 */
record SectionReader(FileChannel channel, long offset, long size) implements StoredBlob {

  @Override
  public byte[] read(long from, int length) throws IOException {
    if (from < 0 || length < 0 || from + length > size) {
      throw new EOFException("a section of a build record ends early");
    }
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + from + buffer.position()) < 0) {
        throw new EOFException("a build record's file became shorter");
      }
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
